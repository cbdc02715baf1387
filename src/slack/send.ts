import type { Host } from "../host/host.ts";
import { NoAnswer, type Outcome, type Reply, sendPatiently } from "../host/request.ts";
import { failed } from "./undelivered.ts";

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

interface SlackReply extends Reply {
  /** A try before this answer may have taken effect. */
  readonly mayBeDone: boolean;
}

/**
 * Sends a message as often as it takes while there is time, without a word in between. One that may have arrived,
 * since no answer came or none of Slack's own, is not sent again. Throws `Undelivered`.
 */
export async function sendToSlack(host: Host, request: SlackRequest): Promise<SlackReply> {
  const { name, url, headers, body, isRepeatable, isPassing } = request;
  const init = {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json; charset=utf-8" },
    body: JSON.stringify(body),
  };
  let mayBeDone = false;
  const problemOf = (outcome: Outcome) => {
    const isLost = outcome instanceof NoAnswer ? !outcome.unsent : isFailure(outcome) && !isRefusal(outcome);
    mayBeDone ||= isLost;
    if (isLost && !isRepeatable) return null;
    if (outcome instanceof NoAnswer) return outcome.message;
    return isFailure(outcome) || isPassing(outcome) ? `was answered ${outcome.status}` : null;
  };
  const sent = sendPatiently(host, { name, prepare: async () => ({ url, init }), problemOf, isQuiet: true });
  const reply = await sent.catch((error: unknown) => {
    if (!(error instanceof NoAnswer)) throw error;
    throw failed(`${name} got no answer: ${error.message}`, { isDoubtful: mayBeDone });
  });
  if (!isFailure(reply)) return { ...reply, mayBeDone };
  if (!isRepeatable && mayBeDone) throw failed(`${name} was answered ${reply.status}`, { isDoubtful: true });
  const asked = reply.headers.get("retry-after");
  const wish = asked !== null && /^\d+$/.test(asked) ? `, to be asked again after ${asked} s` : "";
  const sentence = `${name} was answered ${reply.status}${wish}, and there is no time left for another try`;
  throw failed(sentence, { isDoubtful: mayBeDone });
}

function isFailure({ status }: Reply): boolean {
  return status === 429 || status >= 500;
}

/** Nothing was done by then. After 500, 502 and 504 it may have been: a proxy tells that it has lost the answer. */
function isRefusal({ status }: Reply): boolean {
  return status === 429 || status === 503;
}
