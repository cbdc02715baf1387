import type { Message } from "../../slack/message.ts";
import { Undelivered } from "../../slack/undelivered.ts";
import type { SlackApi } from "../../slack/web-api.ts";
import type { KeptMessage } from "./kept-message.ts";

interface Letter {
  readonly message: Message;
  /** The same for a message that is changed, which calls nobody. */
  readonly update: Message;
  /** Goes into the thread of a message that is changed; null: nothing does. */
  readonly details: Message | null;
}

export interface Delivery {
  readonly channel: string;
  /** What Slack has taken. */
  readonly done: readonly ("posted" | "updated" | "answered")[];
  /** Where the message is now; null where it is nowhere. */
  readonly kept: KeptMessage | null;
  readonly problems: readonly Problem[];
}

interface Problem {
  /** What Slack has not taken, before the name of the channel. */
  readonly what: "the message for" | "the answer in the thread of";
  readonly error: Undelivered;
}

/** Brings a message to one channel: anew, or as a change of the one that is there. */
export async function deliver(
  api: SlackApi,
  channel: string,
  { message, update, details }: Letter,
  kept: KeptMessage | null,
): Promise<Delivery> {
  const post = async (): Promise<Delivery> => {
    const posted = await attempt(() => api.post(channel, message));
    return posted instanceof Undelivered
      ? { channel, done: [], kept: null, problems: [{ what: "the message for", error: posted }] }
      : { channel, done: ["posted"], kept: { name: channel, ...posted }, problems: [] };
  };
  if (kept === null) return post();

  const done: Delivery["done"][number][] = [];
  const problems: Problem[] = [];
  const change = await attempt(() => api.update(kept, update));
  if (change instanceof Undelivered) {
    if (change.error === "message_not_found") return post();
    problems.push({ what: "the message for", error: change });
  } else done.push("updated");
  if (details !== null) {
    const answer = await attempt(() => api.post(kept.channel, details, kept.ts));
    if (answer instanceof Undelivered) problems.push({ what: "the answer in the thread of", error: answer });
    else done.push("answered");
  }
  return { channel, done, kept, problems };
}

async function attempt<T>(call: () => Promise<T>): Promise<T | Undelivered> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Undelivered) return error;
    throw error;
  }
}
