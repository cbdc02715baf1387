import type { Host } from "../host/host.ts";
import { parseSafeUrl } from "../orb/origin.ts";
import { Secret } from "../secret.ts";
import type { Message } from "./message.ts";
import { sendToSlack } from "./send.ts";
import { failed, refused, Undelivered } from "./undelivered.ts";

const name = "The incoming webhook";

/**
 * Posts through an incoming webhook, whose address is its secret. It tells no id, so its messages can neither be
 * changed nor answered. Throws `Undelivered`.
 */
export async function postToWebhook(host: Host, address: Secret, message: Message): Promise<void> {
  host.log.hide(address);
  const url = parseSafeUrl(address.reveal());
  if (url === null) {
    throw new Undelivered("The webhook's variable holds no https address", {
      code: "slack.unauthorized",
      error: null,
      remedy: "Put the address as Slack shows it (https://hooks.slack.com/services/...) into that variable.",
    });
  }
  host.log.hide(new Secret(url.pathname.length > 1 ? url.pathname : ""));
  const { status, text, mayBeDone } = await sendToSlack(host, {
    name,
    url: url.href,
    body: message,
    isRepeatable: false,
    isPassing: () => false,
  });
  // Slack answers with one word; whatever else stands there is not Slack's.
  const word = /^\w{1,60}$/.exec(text.trim())?.[0];
  if (status === 200 && word === "ok") return;
  if (status !== 200 && word !== undefined) throw refused(name, word, [], mayBeDone);
  const form = status === 200 ? " in a form that is not Slack's" : "";
  throw failed(`${name} was answered ${status}${form}`, { isDoubtful: status === 200 });
}
