import type { Host } from "./host.ts";

/** How long one try may take, and all tries of one request together, in milliseconds. */
const tryTimeout = 30_000;
const totalTimeout = 120_000;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** There was no answer that could be used. `unsent` is true only where the request certainly never left. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly unsent: boolean;

  constructor(message: string, options: { readonly unsent: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.unsent = options.unsent;
  }
}

export type Outcome = Reply | NoAnswer;

export interface PatientRequest {
  /** For the log: `GET /me`. */
  readonly name: string;
  /** Called for every try: a signature bears the time. */
  readonly prepare: () => Promise<{ readonly url: string; readonly init: RequestInit }>;
  /** Why an outcome is worth another try, as half a sentence, or null. */
  readonly problemOf: (outcome: Outcome) => string | null;
  /** As many as fit into two minutes where it is absent. */
  readonly tries?: number;
  /** How an answer's body is read; a `NoAnswer` that it throws is final. The whole of it where this is absent. */
  readonly read?: (response: Response) => Promise<string>;
  /** Say nothing of the tries in between: the caller tells how it ends. */
  readonly isQuiet?: boolean;
}

/**
 * Sends a request until its outcome is no problem or patience is at an end: the last outcome is answered then.
 * A redirect is an answer, never followed, so a secret cannot travel. Throws `NoAnswer`.
 */
export async function sendPatiently(host: Host, request: PatientRequest): Promise<Reply> {
  const deadline = Math.min(host.clock.now() + totalTimeout, host.deadline ?? Number.POSITIVE_INFINITY);
  for (let count = 1; ; count++) {
    const { url, init } = await request.prepare();
    const limit = Math.max(0, Math.min(tryTimeout, deadline - host.clock.now()));
    const outcome = await tryOnce(host, url, init, { limit, ...request });
    const problem = request.problemOf(outcome);
    const pause = pauseBefore(count + 1, outcome, host);
    if (problem === null || count === request.tries || host.clock.now() + pause > deadline) {
      if (outcome instanceof NoAnswer) throw outcome;
      return outcome;
    }
    const delay = (pause / 1000).toFixed(1);
    if (!request.isQuiet) host.log.warn(`${request.name} ${problem}; trying again in ${delay} s.`);
    await host.clock.sleep(pause, host.canceled);
    host.canceled.throwIfAborted();
  }
}

async function tryOnce(
  host: Host,
  url: string,
  init: RequestInit,
  { limit, read = (response) => response.text() }: Pick<PatientRequest, "read"> & { readonly limit: number },
): Promise<Outcome> {
  host.canceled.throwIfAborted();
  const stop = new AbortController();
  const cancel = () => stop.abort(host.canceled.reason);
  host.canceled.addEventListener("abort", cancel);
  const timeout = host.clock.sleep(limit, stop.signal).then(() => stop.abort());
  try {
    const response = await host.fetch(url, { ...init, redirect: "manual", signal: stop.signal });
    return { status: response.status, headers: response.headers, text: await read(response) };
  } catch (error) {
    host.canceled.throwIfAborted();
    if (error instanceof NoAnswer) throw error;
    const reason = stop.signal.aborted
      ? `no answer within ${Math.ceil(limit / 1000)} s`
      : innermostMessage(error);
    return new NoAnswer(reason, { unsent: !stop.signal.aborted && isUnsent(error), cause: error });
  } finally {
    host.canceled.removeEventListener("abort", cancel);
    stop.abort();
    await timeout;
  }
}

/**
 * Milliseconds, never 0: what the service asks for, else half to the whole of 1 s, 2 s, 4 s … up to 15 s. A service
 * that says "at once" again and again must not be asked as fast as it can answer.
 */
function pauseBefore(count: number, outcome: Outcome, host: Host): number {
  const asked =
    outcome instanceof NoAnswer ? null : readRetryAfter(outcome.headers.get("retry-after"), host.clock.now());
  return asked ?? Math.min(15_000, 1000 * 2 ** (count - 2)) * (0.5 + host.random() / 2);
}

/** Seconds or a date, as RFC 9110 §10.2.3 has it; null where it asks for no patience. */
function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  const pause = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return pause > 0 ? pause : null;
}

/** Codes that a connection gives before the first byte of a request is written. */
const unsentCodes = [
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
];

function isUnsent(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = "code" in cause ? String(cause.code) : "";
    if (unsentCodes.includes(code) || code.includes("CERT") || code.startsWith("ERR_TLS")) return true;
  }
  return false;
}

function innermostMessage(error: unknown): string {
  let message = String(error);
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message !== "") message = cause.message;
  }
  return message.replace(/\s+/g, " ").trim(); // OpenSSL's end in a line break
}
