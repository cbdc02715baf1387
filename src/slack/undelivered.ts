import type { ErrorCode } from "../errors.ts";
import { explainError } from "./refusals.ts";

/** Slack has not taken a message, or has not said that it has. */
export class Undelivered extends Error {
  override readonly name = "Undelivered";
  readonly code: ErrorCode;
  /** Slack's own word for it; null where Slack said none. */
  readonly error: string | null;
  readonly remedy: string;

  constructor(message: string, options: { code: ErrorCode; error: string | null; remedy: string }) {
    super(message);
    this.code = options.code;
    this.error = options.error;
    this.remedy = options.remedy;
  }
}

/** `details`: what Slack says beyond the error itself. */
export function refused(call: string, error: string, details: readonly string[]): Undelivered {
  const { code, cause, remedy } = explainError(error);
  const more = details.length > 0 ? ` (${details.join("; ")})` : "";
  return new Undelivered(`${call} was answered ${error}: ${cause}${more}`, { code, error, remedy });
}

/** Ends the sentence on a message that was sent, and of which Slack itself has said nothing. */
export const doubt = ", so the message may or may not have arrived";

export function failed(message: string): Undelivered {
  return new Undelivered(message, {
    code: "slack.failed",
    error: null,
    remedy: "Check the network of this job; slack-status.com tells of outages.",
  });
}
