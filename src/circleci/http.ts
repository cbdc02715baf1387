import type { Host } from "../host/host.ts";
import { NoAnswer, type Outcome, sendPatiently } from "../host/request.ts";
import type { Secret } from "../secret.ts";

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly location: string | null;
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

/** No answer that anybody waits for is longer, in bytes: one that is would fill the memory of a small machine. */
const longestBody = 16 * 1024 * 1024;

/**
 * Sends one request. A GET is repeated on 429, 5xx and broken connections, and twice where a 200 has no JSON, as of a
 * proxy; a POST on 429 alone, which says that nothing was done. Throws `NoAnswer`.
 */
export async function sendRequest(host: Host, request: HttpRequest): Promise<Answer> {
  const { method, url, token, body, asText } = request;
  const init = {
    method,
    headers: {
      ...(token && { "Circle-Token": token.reveal() }),
      Accept: "application/json",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const isPage = (outcome: Outcome) =>
    method === "GET" &&
    !asText &&
    !(outcome instanceof NoAnswer) &&
    outcome.status === 200 &&
    parseBody(outcome.text) === outcome.text;
  let pages = 0;
  const describePage = () => (++pages < 3 ? "was answered 200 without JSON" : null);
  const reply = await sendPatiently(host, {
    name: `${method} ${new URL(url).pathname.replace(/^\/api\/v2/, "")}`,
    prepare: async () => ({ url, init }),
    problemOf: (outcome) => describeProblem(outcome, method) ?? (isPage(outcome) ? describePage() : null),
    read: readBody,
  });
  return {
    status: reply.status,
    body: asText ? reply.text : parseBody(reply.text),
    location: reply.headers.get("location"),
  };
}

async function readBody({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > longestBody)
      throw new NoAnswer("one that is longer than 16 MB is not read", { unsent: false });
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}

/** Why this outcome is worth another try, or null. */
function describeProblem(outcome: Outcome, method: string): string | null {
  if (outcome instanceof NoAnswer) return method === "GET" ? `got no answer (${outcome.message})` : null;
  if (outcome.status === 429) return "was answered 429 (too many requests)";
  return method === "GET" && outcome.status >= 500 ? `was answered ${outcome.status}` : null;
}

/** The text itself where it is no JSON. */
function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
