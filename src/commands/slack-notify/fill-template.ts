import * as v from "valibot";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { escapeMarkdown, escapeMrkdwn } from "../../slack/escape.ts";
import type { Message } from "../../slack/message.ts";
import type { NotifyInput } from "./definition.ts";
import type { Facts } from "./facts.ts";

const Template = v.strictObject({
  text: v.optional(v.string()),
  blocks: v.optional(v.array(v.looseObject({ type: v.string() }))),
});

/** The user's own message before its holes are filled; null where there is none. Throws `message.invalid`. */
export async function readTemplate(
  { template, templateFile }: NotifyInput,
  host: Host,
): Promise<v.InferOutput<typeof Template> | null> {
  const [place, text] = await findTemplate(template, templateFile, host);
  if (text === "") return null;
  if (text === null) {
    throw new UserError("message.invalid", `There is no template: ${place} is not there.`, {
      hints: [
        "Write a file's path as seen from the job's working directory; a step before must have made it.",
      ],
    });
  }
  const document = parseDocument(text, place);
  const result = v.safeParse(Template, Array.isArray(document) ? { blocks: document } : document);
  if (result.success && (result.output.text || result.output.blocks?.length)) return result.output;
  const problem = result.success ? "it is empty" : describeProblem(result.issues[0]);
  throw new UserError("message.invalid", `${place} is no message: ${problem}.`, {
    hints: ['Write {"text": "...", "blocks": [...]}, as Slack\'s Block Kit Builder shows it.'],
  });
}

/** Where it is wrong, without a word of what stands there: that is a secret where the wrong variable was named. */
function describeProblem({ expected, path }: v.InferIssue<typeof Template>): string {
  if (path === undefined) return "it is neither an object nor a list";
  if (expected === "never") return "it may have `text` and `blocks`, and nothing else";
  return `${path.map(({ key }) => String(key)).join(".")} is missing or of the wrong type`;
}

/**
 * The message with every `{{name}}` replaced, once, in the texts of the finished document: a value can neither end a
 * string nor bring holes of its own. In mrkdwn it is escaped, and Slack is told to look for no names in it; within an
 * address it is encoded.
 */
export function fillTemplate(
  template: v.InferOutput<typeof Template>,
  facts: Facts,
  otherwise: string,
): Message {
  const fillIn = (value: unknown, manner: Manner): unknown => {
    if (typeof value === "string") return fillText(value, facts, manner);
    if (Array.isArray(value)) return value.map((each: unknown) => fillIn(each, manner));
    if (typeof value !== "object" || value === null) return value;
    const object = value as Readonly<Record<string, unknown>>;
    const inner = object.type === "mrkdwn" || object.type === "markdown" ? object.type : "plain";
    const entries = Object.entries(object).map(([key, each]) => [
      key,
      fillIn(each, /(^|_)url$/.test(key) ? "url" : inner),
    ]);
    const isVerbatim = inner === "mrkdwn" && String(object.text).search(hole) !== -1;
    return { ...(isVerbatim && { verbatim: true }), ...Object.fromEntries(entries) };
  };
  const { text, blocks } = template;
  return {
    text: text === undefined ? otherwise : fillText(text, facts, "mrkdwn"),
    ...(blocks && { blocks: blocks.map((block) => fillIn(block, "plain") as object) }),
  };
}

/** Slack refuses a message with more (Block Kit reference). */
const mostBlocks = 50;

/** The message with as many blocks as Slack takes, `others` beside them. */
export function cutBlocks(message: Message, others: number, log: Host["log"]): Message {
  const { text, blocks = [] } = message;
  const room = mostBlocks - others;
  if (blocks.length <= room) return message;
  log.warn(
    `Slack takes ${mostBlocks} blocks: the last ${blocks.length - room} of the template are left out.`,
  );
  return { text, blocks: blocks.slice(0, room) };
}

type Manner = "plain" | "mrkdwn" | "markdown" | "url";

const hole = /\{\{\s*([\w-]+)\s*\}\}/g;

function fillText(text: string, facts: Facts, manner: Manner): string {
  return text.replace(hole, (whole, name: string) => {
    const value = Object.entries(facts).find(([known]) => known === name)?.[1];
    if (value === undefined) {
      throw new UserError(
        "message.invalid",
        `The template has {{${name}}} in it, which stands for nothing.`,
        {
          hints: [`There are ${Object.keys(facts).join(", ")}.`],
        },
      );
    }
    if (manner === "mrkdwn") return escapeMrkdwn(value);
    if (manner === "markdown") return escapeMarkdown(value);
    return manner === "url" && whole !== text.trim() ? encodeURIComponent(value) : value;
  });
}

/** Where the template is, in words, and its text: null where that is missing. */
async function findTemplate(template: string, file: string, host: Host): Promise<[string, string | null]> {
  if (file !== "") return [file, await host.files.read(file)];
  const [, variable] = /^\$\{(\w+)\}$/.exec(template) ?? [];
  if (variable === undefined) return ["`template`", template];
  return [`the variable ${variable}`, host.env[variable] || null];
}

function parseDocument(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Not all that it says: it quotes the text, which is a secret where the wrong variable was named.
    const [at] = /position \d+( \(line \d+ column \d+\))?/.exec(String(error)) ?? [];
    throw new UserError("message.invalid", `${place} is no JSON${at === undefined ? "" : ` at ${at}`}.`, {
      hints: ["Check it with Slack's Block Kit Builder; holes stand within the quotes of a text."],
    });
  }
}
