import type { SlackMessage } from "./slack-model.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A message as lines that a test can compare as a whole: two fields as `label: value`, a button as `[label] address`.
 * Plain text stands between quotes, since it shows what it is; all else is mrkdwn.
 */
export function outline({ blocks }: Pick<SlackMessage, "blocks">): readonly string[] {
  return blocks.flatMap((block) => outlineBlock(block as Json));
}

function outlineBlock(block: Json): readonly string[] {
  if (block.type === "actions") {
    return (block.elements as readonly Json[]).map((button) => `[${words(button.text)}] ${button.url}`);
  }
  const text = block.text === undefined ? [] : [words(block.text)];
  const fields = ((block.fields ?? []) as readonly unknown[]).map(words);
  const rows = fields.flatMap((field, index) => (index % 2 === 0 ? [`${field}: ${fields[index + 1]}`] : []));
  const accessory = block.accessory as Json | undefined;
  const picture = accessory === undefined ? [] : [`(${accessory.image_url} ${accessory.alt_text})`];
  return [...text, ...picture, ...rows];
}

function words(text: unknown): string {
  const { type, text: content } = text as { readonly type: string; readonly text: string };
  return type === "plain_text" ? JSON.stringify(content) : content;
}
