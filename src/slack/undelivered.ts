import type { ErrorCode } from "../errors.ts";
import { explainError } from "./refusals.ts";

/** Slack has not taken a message, or has not said that it has. */
export class Undelivered extends Error {
  override readonly name = "Undelivered";
  readonly code: ErrorCode;
  /** Slack's own word for it; null where Slack said none. */
  readonly error: string | null;
  readonly remedy: string;
  /** It may have taken effect: Slack itself has said nothing of it. */
  readonly isDoubtful: boolean;

  constructor(
    message: string,
    options: { code: ErrorCode; error: string | null; remedy: string; isDoubtful?: boolean },
  ) {
    super(message);
    this.isDoubtful = options.isDoubtful ?? false;
    this.code = options.code;
    this.error = options.error;
    this.remedy = options.remedy;
  }
}

/** `details`: what Slack says beyond the error itself. `isDoubtful`: a try before that may have taken effect. */
export function refused(
  call: string,
  error: string,
  details: readonly string[],
  isDoubtful: boolean,
): Undelivered {
  const { code, cause, remedy } = explainError(error);
  const more = details.length > 0 ? ` (${details.join("; ")})` : "";
  return new Undelivered(`${call} was answered ${error}: ${cause}${more}`, {
    code,
    error,
    remedy,
    isDoubtful,
  });
}

export function failed(message: string, { isDoubtful = false } = {}): Undelivered {
  const doubt = isDoubtful ? ", so it may or may not have arrived" : "";
  return new Undelivered(`${message}${doubt}`, {
    code: "slack.failed",
    error: null,
    remedy: "Check the network of this job; slack-status.com tells of outages.",
    isDoubtful,
  });
}

/** How the sentence begins that says what Slack has not taken. */
export function describeUndelivered({ isDoubtful }: Undelivered): string {
  return `Slack has not ${isDoubtful ? "confirmed" : "taken"}`;
}
