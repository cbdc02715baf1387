import * as v from "valibot";
import type { Host } from "../host/host.ts";
import type { Reply } from "../host/request.ts";
import type { Secret } from "../secret.ts";
import type { Message } from "./message.ts";
import { isPassing } from "./refusals.ts";
import { sendToSlack } from "./send.ts";
import { failed, refused } from "./undelivered.ts";

const Answer = v.object({
  ok: v.boolean(),
  error: v.optional(v.string(), "unknown_error"),
  /** Of missing_scope. */
  needed: v.optional(v.string()),
  response_metadata: v.optional(v.object({ messages: v.optional(v.array(v.string()), []) })),
  channel: v.optional(v.string(), ""),
  ts: v.optional(v.string(), ""),
});

/** What stands for a message in Slack. */
interface Posted {
  /** The channel's id, which chat.update takes instead of a name. */
  readonly channel: string;
  readonly ts: string;
}

/** The calls of Slack's Web API that are needed here. Each throws `Undelivered`. */
export interface SlackApi {
  /** `thread`: the message that this one answers. */
  post(channel: string, message: Message, thread?: string): Promise<Posted>;
  update(posted: Posted, message: Message): Promise<void>;
}

export function createSlackApi(host: Host, origin: string, token: Secret): SlackApi {
  host.log.hide(token);

  const call = async (method: string, body: object, isRepeatable: boolean): Promise<Posted> => {
    const reply = await sendToSlack(host, {
      name: method,
      url: `${origin}/api/${method}`,
      headers: { Authorization: `Bearer ${token.reveal()}` },
      body,
      isRepeatable,
      isPassing: (each) => isPassing(decode(each)?.error ?? ""),
    });
    const answer = decode(reply);
    const isPosted = answer?.ok !== true || (answer.channel !== "" && answer.ts !== "");
    if (answer === null || !isPosted) {
      throw failed(`${method} was answered ${reply.status} in a form that is not Slack's`, {
        isDoubtful: true,
      });
    }
    if (answer.ok) return { channel: answer.channel, ts: answer.ts };
    const scope = answer.needed === undefined ? [] : [`the scope ${answer.needed} is needed`];
    throw refused(
      method,
      answer.error,
      [...scope, ...(answer.response_metadata?.messages ?? [])],
      reply.mayBeDone,
    );
  };

  return {
    post: (channel, message, thread) =>
      call(
        "chat.postMessage",
        {
          channel,
          ...message,
          ...(thread && { thread_ts: thread }),
          unfurl_links: false,
          unfurl_media: false,
        },
        false,
      ),
    async update({ channel, ts }, message) {
      // Where `parse` is left out an update takes words for names of people and channels, other than a new message;
      // where `blocks` are, the old ones stay.
      await call("chat.update", { channel, ts, blocks: [], ...message, parse: "none" }, true);
    },
  };
}

function decode(reply: Reply): v.InferOutput<typeof Answer> | null {
  try {
    return v.parse(Answer, JSON.parse(reply.text));
  } catch {
    return null;
  }
}
