import type { Host } from "../host/host.ts";
import { NoAnswer, type Outcome, type Reply, sendPatiently } from "../host/request.ts";
import { doubt, failed } from "./undelivered.ts";

export interface SlackRequest {
  /** For the log: `chat.postMessage`. */
  readonly name: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** It does no harm if it takes effect twice. */
  readonly isRepeatable: boolean;
  /** By what Slack answers with status 200: not yet, but soon. */
  readonly isPassing: (reply: Reply) => boolean;
}

/**
 * Sends a message as often as it takes while there is time, without a word in between. One that may have arrived,
 * since no answer came or none of Slack's own, is not sent again. Throws `Undelivered`.
 */
export async function sendToSlack(host: Host, request: SlackRequest): Promise<Reply> {
  const { name, url, headers, body, isRepeatable, isPassing } = request;
  const init = {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
  const problemOf = (outcome: Outcome) => {
    if (outcome instanceof NoAnswer) return outcome.unsent || isRepeatable ? outcome.message : null;
    const isWorthIt = isRefusal(outcome) || isPassing(outcome) || (isRepeatable && isFailure(outcome));
    return isWorthIt ? `was answered ${outcome.status}` : null;
  };
  const sent = sendPatiently(host, { name, prepare: async () => ({ url, init }), problemOf, isQuiet: true });
  const reply = await sent.catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error;
    throw failed(`${name} got no answer: ${error.message}${error.unsent || isRepeatable ? "" : doubt}`);
  });
  if (!isFailure(reply)) return reply;
  if (!isRepeatable && !isRefusal(reply)) throw failed(`${name} was answered ${reply.status}${doubt}`);
  const asked = reply.headers.get("retry-after");
  const wish = asked === null ? "" : `, to be asked again after ${asked} s`;
  throw failed(`${name} was answered ${reply.status}${wish}, and there is no time left for another try`);
}

function isFailure({ status }: Reply): boolean {
  return status === 429 || status >= 500;
}

/** Nothing was done by then. After 500, 502 and 504 it may have been: a proxy tells that it has lost the answer. */
function isRefusal({ status }: Reply): boolean {
  return status === 429 || status === 503;
}
