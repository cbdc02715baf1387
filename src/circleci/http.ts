import type { Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";

/** How long one try may take, and all tries of one request together, in milliseconds. */
const tryTimeout = 30_000;
const totalTimeout = 120_000;

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly retryAfter: string | null;
  readonly location: string | null;
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

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Null: to be sent without one. */
  readonly token: Secret | null;
  readonly body?: unknown;
  /** Leave the answer's body as text even where it is JSON. */
  readonly asText?: boolean;
}

/**
 * Sends one request. A redirect is an answer, never followed, so the token cannot travel. A GET is repeated on
 * 429, 5xx and broken connections; a POST on 429 alone, which says that nothing was done. Throws `NoAnswer`.
 */
export async function sendRequest(host: Host, request: HttpRequest): Promise<Answer> {
  const deadline = host.clock.now() + totalTimeout;
  for (let count = 1; ; count++) {
    const outcome = await tryOnce(host, request);
    const problem = describeProblem(outcome, request.method);
    const pause = pauseBefore(count + 1, outcome, host);
    if (problem === null || host.clock.now() + pause > deadline) {
      if (outcome instanceof NoAnswer) throw outcome;
      return outcome;
    }
    const path = new URL(request.url).pathname.replace(/^\/api\/v2/, "");
    host.log.warn(`${request.method} ${path} ${problem}; trying again in ${(pause / 1000).toFixed(1)} s.`);
    await host.clock.sleep(pause, host.canceled);
    host.canceled.throwIfAborted();
  }
}

type Outcome = Answer | NoAnswer;

async function tryOnce(host: Host, { method, url, token, body, asText }: HttpRequest): Promise<Outcome> {
  host.canceled.throwIfAborted();
  const stop = new AbortController();
  const cancel = () => stop.abort(host.canceled.reason);
  host.canceled.addEventListener("abort", cancel);
  const timeout = host.clock.sleep(tryTimeout, stop.signal).then(() => stop.abort());
  try {
    const response = await host.fetch(url, {
      method,
      redirect: "manual",
      signal: stop.signal,
      headers: {
        ...(token && { "Circle-Token": token.reveal() }),
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: asText ? await response.text() : parseBody(await response.text()),
      retryAfter: response.headers.get("retry-after"),
      location: response.headers.get("location"),
    };
  } catch (error) {
    host.canceled.throwIfAborted();
    const reason = stop.signal.aborted ? `no answer within ${tryTimeout / 1000} s` : innermostMessage(error);
    return new NoAnswer(reason, { unsent: !stop.signal.aborted && isUnsent(error), cause: error });
  } finally {
    host.canceled.removeEventListener("abort", cancel);
    stop.abort();
    await timeout;
  }
}

/** Why this outcome is worth another try, or null. */
function describeProblem(outcome: Outcome, method: string): string | null {
  if (outcome instanceof NoAnswer) return method === "GET" ? `got no answer (${outcome.message})` : null;
  if (outcome.status === 429) return "was answered 429 (too many requests)";
  return method === "GET" && outcome.status >= 500 ? `was answered ${outcome.status}` : null;
}

/** Milliseconds: what the service asks for, else half to the whole of 1 s, 2 s, 4 s … up to 15 s. */
function pauseBefore(count: number, outcome: Outcome, host: Host): number {
  const asked = outcome instanceof NoAnswer ? null : readRetryAfter(outcome.retryAfter, host.clock.now());
  return asked ?? Math.min(15_000, 1000 * 2 ** (count - 2)) * (0.5 + host.random() / 2);
}

/** Seconds or a date, as RFC 9110 §10.2.3 has it. */
function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  const pause = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(pause) ? null : Math.max(0, pause);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
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
  return message;
}
