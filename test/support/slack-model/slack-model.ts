import { checkBlocks } from "./check-blocks.ts";
import { Violation } from "./violation.ts";

/** Slack's Web API and incoming webhooks as its reference describes them (see FIDELITY.md), without a network. */
export interface SlackModel {
  /** `chat.postMessage 200 channel_not_found`, `webhook 429`, in the order of their answers. */
  readonly calls: readonly string[];
  /** All messages, in the order in which they were posted, as they are now. */
  readonly messages: readonly SlackMessage[];
  /** What the answers to a request are. Throws `Violation`. */
  answer(request: SlackRequest): SlackAnswer | "cut";
  fail(fault: Fault): void;
  /** As if somebody had deleted them. */
  deleteMessages(): void;
  /** Faults that never came to pass, or not as often as planned. */
  unused(): readonly string[];
}

export interface SlackMessage {
  /** The channel's name. */
  readonly channel: string;
  readonly ts: string;
  readonly thread: string | null;
  readonly edits: number;
  readonly text: string;
  readonly blocks: readonly unknown[];
}

export interface Channel {
  /** The app was invited. */
  readonly isMember?: boolean;
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
}

export interface SlackOptions {
  readonly channels?: Readonly<Record<string, Channel>>;
  /** Scopes of the app. */
  readonly scopes?: readonly string[];
  readonly isRevoked?: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface SlackRequest {
  readonly method: string;
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface SlackAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Fault {
  readonly call: "chat.postMessage" | "chat.update" | "webhook";
  readonly times?: number;
  /** Only calls whose body has this in it. */
  readonly about?: string;
  /** The connection is cut where there is none. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Slack's word for it. */
  readonly error?: string;
  /** What stands in the answer instead. */
  readonly body?: string;
  /** The call takes effect all the same; only its answer is lost. */
  readonly after?: "accepted";
}

export const botToken = "xoxb-1234567890-the-token-of-the-bot";
export const webhookPath = "/services/T0AB12CD3/B0EF45GH6/the-secret-of-the-webhook";

const postArguments = ["channel", "text", "blocks", "thread_ts", "unfurl_links", "unfurl_media"];
const updateArguments = ["channel", "ts", "text", "blocks", "parse"];

type Json = Readonly<Record<string, unknown>>;

/** Slack says no. */
class Refusal extends Error {
  readonly details: Json;

  constructor(error: string, details: Json = {}) {
    super(error);
    this.details = details;
  }
}

export function createSlackModel(options: SlackOptions): SlackModel {
  const channels = options.channels ?? { ci: {}, ops: {} };
  const names = Object.keys(channels);
  const calls: string[] = [];
  const messages: SlackMessage[] = [];
  const lastPost = new Map<string, number>();
  const plans: { readonly fault: Fault; left: number }[] = [];
  let count = 0;

  const idOf = (name: string) => `C0${String(names.indexOf(name)).padStart(7, "0")}`;

  /** The channel's name. */
  function findChannel(given: unknown, { byName }: { readonly byName: boolean }): string {
    const text = String(given);
    const name = names.find((each) => idOf(each) === text || (byName && each === text.replace(/^#/, "")));
    const channel = name === undefined ? undefined : channels[name];
    const isMember = channel?.isMember ?? true;
    if (name === undefined || channel === undefined || (channel.isPrivate && !isMember)) {
      throw new Refusal("channel_not_found");
    }
    if (channel.isArchived) throw new Refusal("is_archived");
    if (!isMember && !(options.scopes ?? []).includes("chat:write.public")) {
      throw new Refusal("not_in_channel");
    }
    return name;
  }

  function authorize(headers: SlackRequest["headers"]): void {
    const [, token] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
    if (token === undefined) throw new Refusal("not_authed");
    if (token !== botToken) throw new Refusal("invalid_auth");
    if (options.isRevoked) throw new Refusal("token_revoked");
    const scopes = options.scopes ?? ["chat:write"];
    if (!scopes.includes("chat:write")) {
      throw new Refusal("missing_scope", { needed: "chat:write", provided: scopes.join(",") });
    }
  }

  function checkMessage({ text, blocks }: Json): void {
    if (!text && blocks === undefined) throw new Refusal("no_text");
    if (typeof text !== "string")
      throw new Violation("a message without a text shows nothing in notifications");
    if (text.length > 40_000) throw new Refusal("msg_too_long");
    if (blocks === undefined) return;
    const problems = checkBlocks(blocks);
    if (problems.length > 0)
      throw new Refusal("invalid_blocks", { response_metadata: { messages: problems } });
    if (countCharacters(blocks) > 13_200) throw new Refusal("msg_blocks_too_long");
  }

  function post(channel: string, body: Json): SlackMessage {
    const thread = body.thread_ts === undefined ? null : String(body.thread_ts);
    if (thread !== null && !messages.some((each) => each.channel === channel && each.ts === thread)) {
      throw new Violation(`there is no message ${thread} in ${channel} to answer`);
    }
    const message = {
      channel,
      ts: `${Math.floor(options.now() / 1000)}.${String(++count).padStart(6, "0")}`,
      thread,
      edits: 0,
      text: String(body.text),
      blocks: (body.blocks ?? []) as readonly unknown[],
    };
    messages.push(message);
    lastPost.set(channel, options.now());
    return message;
  }

  /** One message a second for each channel: this model allows no bursts. */
  function isTooSoon(channel: string): boolean {
    return options.now() - (lastPost.get(channel) ?? Number.NEGATIVE_INFINITY) < 1000;
  }

  const tooMany = {
    status: 429,
    headers: { "retry-after": "1" },
    body: '{"ok":false,"error":"ratelimited"}',
  };

  function callApi(method: string, request: SlackRequest): SlackAnswer {
    authorize(request.headers);
    const body = JSON.parse(request.body) as Json;
    const isPost = method === "chat.postMessage";
    allowArguments(body, isPost ? postArguments : updateArguments);
    checkManners(body, isPost);
    const channel = findChannel(body.channel, { byName: isPost });
    checkMessage(body);
    if (isPost) {
      if (isTooSoon(channel)) return tooMany;
      const { ts, text } = post(channel, body);
      return ok({ ok: true, channel: idOf(channel), ts, message: { text, ts } });
    }
    const index = messages.findIndex((each) => each.channel === channel && each.ts === body.ts);
    const old = messages[index];
    if (old === undefined) throw new Refusal("message_not_found");
    const blocks = (body.blocks ?? old.blocks) as readonly unknown[];
    messages[index] = { ...old, text: String(body.text), blocks, edits: old.edits + 1 };
    return ok({ ok: true, channel: idOf(channel), ts: old.ts, text: body.text });
  }

  function callWebhook(request: SlackRequest): SlackAnswer {
    if (request.path !== webhookPath) return { status: 404, headers: {}, body: "no_service" };
    const [channel = "ci"] = names;
    if (channels[channel]?.isArchived) return { status: 410, headers: {}, body: "channel_is_archived" };
    const body = JSON.parse(request.body) as Json;
    allowArguments(body, ["text", "blocks"]);
    checkMessage(body);
    if (isTooSoon(channel)) return { ...tooMany, body: "rate_limited" };
    post(channel, body);
    return { status: 200, headers: {}, body: "ok" };
  }

  function perform(call: string, request: SlackRequest): SlackAnswer {
    try {
      return call === "webhook" ? callWebhook(request) : callApi(call, request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // A webhook says the word alone, and not where.
      if (call === "webhook") return { status: 400, headers: {}, body: error.message };
      return ok({ ok: false, error: error.message, ...error.details });
    }
  }

  const takeFault = (call: string, body: string): Fault | null => {
    const plan = plans.find(
      ({ fault, left }) => left > 0 && fault.call === call && body.includes(fault.about ?? ""),
    );
    if (plan === undefined) return null;
    plan.left -= 1;
    return plan.fault;
  };

  return {
    calls,
    messages,
    answer(request) {
      const call = nameCall(request);
      const fault = takeFault(call, request.body);
      if (fault === null || fault.after === "accepted") {
        const answer = perform(call, request);
        if (fault === null) {
          calls.push(describe(call, answer));
          return answer;
        }
      }
      if (fault.status === undefined) {
        calls.push(`${call} cut`);
        return "cut";
      }
      const word = fault.error ?? "";
      const said = call === "webhook" || word === "" ? word : JSON.stringify({ ok: false, error: word });
      const body = fault.body ?? said;
      const answer = { status: fault.status, headers: fault.headers ?? {}, body };
      calls.push(describe(call, answer));
      return answer;
    },
    fail: (fault) => void plans.push({ fault, left: fault.times ?? 1 }),
    deleteMessages() {
      messages.length = 0;
    },
    unused: () =>
      plans
        .filter(({ left }) => left > 0)
        .map(({ fault }) => `${fault.call} did not fail as often as planned`),
  };
}

function nameCall({ method, path, headers }: SlackRequest): string {
  if (method !== "POST") throw new Violation(`${method} ${path}`);
  if (headers["content-type"] !== "application/json; charset=utf-8") {
    throw new Violation(`Content-Type ${headers["content-type"]}`);
  }
  if (path.startsWith("/services/")) return "webhook";
  if (path === "/api/chat.postMessage" || path === "/api/chat.update") return path.slice("/api/".length);
  throw new Violation(`there is nothing at ${path}`);
}

function allowArguments(body: Json, known: readonly string[]): void {
  const foreign = Object.keys(body).filter((name) => !known.includes(name));
  if (foreign.length > 0) throw new Violation(`unknown arguments: ${foreign.join(", ")}`);
}

/** Nothing in a message may turn into what its sender has not written. */
function checkManners({ unfurl_links: links, unfurl_media: media, parse }: Json, isPost: boolean): void {
  if (isPost && (links !== false || media !== false)) throw new Violation("the message unfurls addresses");
  if (!isPost && parse !== "none") throw new Violation("the change takes words for names of people");
}

function ok(body: unknown): SlackAnswer {
  return { status: 200, headers: {}, body: JSON.stringify(body) };
}

function describe(call: string, { status, body }: SlackAnswer): string {
  const word = /"error":"(\w+)"/.exec(body)?.[1] ?? (status === 200 ? "" : /^\w+$/.exec(body)?.[0]);
  return [call, status, word].filter(Boolean).join(" ");
}

function countCharacters(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, each: unknown) => sum + countCharacters(each), 0);
}
