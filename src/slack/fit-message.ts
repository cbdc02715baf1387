import { cut, cutMrkdwn } from "./escape.ts";
import type { Message } from "./message.ts";

/** How long Slack's reference lets a text be, by the key in a block of that type under which it stands. */
const limits: Readonly<Record<string, number>> = {
  "header.text": 150,
  "section.text": 3000,
  "section.fields": 2000,
  "context.elements": 3000,
  "button.text": 75,
  "image.title": 2000,
  "image.alt_text": 2000,
  "video.alt_text": 2000,
  "markdown.text": 12_000,
};

/** Slack cuts longer ones itself, but nobody wants them. */
const longestText = 4000;

/** The message with every text cut to what Slack takes, and none empty: that is refused as well. */
export function fitMessage({ text, blocks }: Message): Message {
  return {
    text: cutMrkdwn(text, longestText),
    ...(blocks && { blocks: blocks.map((block) => fitValue(block, "") as object) }),
  };
}

/** `place` is the type of the block around a value, and the key there. */
function fitValue(value: unknown, place: string): unknown {
  if (typeof value === "string") return fitText(value, place);
  if (Array.isArray(value)) return value.map((each: unknown) => fitValue(each, place));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Readonly<Record<string, unknown>>;
  const isText = object.type === "plain_text" || object.type === "mrkdwn";
  const entries = Object.entries(object).map(([key, inner]) => {
    if (isText) {
      const shorten = object.type === "mrkdwn" ? cutMrkdwn : cut;
      return [key, key === "text" ? fitText(String(inner), place, shorten) : inner] as const;
    }
    return [key, fitValue(inner, `${String(object.type)}.${key}`)] as const;
  });
  return Object.fromEntries(entries);
}

function fitText(text: string, place: string, shorten = cut): string {
  const most = limits[place];
  if (most === undefined) return text;
  return text === "" ? "-" : shorten(text, most);
}
