import { expect, test } from "vitest";
import { fitMessage } from "../../../src/slack/fit-message.ts";
import { checkBlocks } from "../../support/slack-model/check-blocks.ts";

const text = (words: string, type = "mrkdwn") => ({ type, text: words });

/** Every place where a text stands. */
const blocks = (words: string) => [
  { type: "header", text: text(words, "plain_text") },
  { type: "section", text: text(words), fields: [text(words), text(words, "plain_text")] },
  {
    type: "section",
    text: text(words),
    accessory: { type: "image", image_url: "https://x.example/a.png", alt_text: words },
  },
  {
    type: "actions",
    elements: [{ type: "button", text: text(words, "plain_text"), url: "https://x.example/" }],
  },
  { type: "context", elements: [text(words)] },
  { type: "image", image_url: "https://x.example/a.png", alt_text: words, title: text(words, "plain_text") },
];

test("cuts each text to what its place takes, and no shorter", () => {
  const long = "x".repeat(5000);
  const lengths = JSON.stringify(fitMessage({ text: long, blocks: blocks(long) }))
    .match(/x+…/g)
    ?.map((each) => each.length);
  expect(lengths).toEqual([4000, 150, 3000, 2000, 2000, 3000, 2000, 75, 3000, 2000, 2000]);
  expect(checkBlocks(blocks(long))).toHaveLength(10);
  expect(checkBlocks(fitMessage({ text: "", blocks: blocks(long) }).blocks)).toEqual([]);
});

test("leaves out half a link in mrkdwn alone: in plain text there is none", () => {
  const long = `a < ${"x".repeat(5000)}`;
  const cut = fitMessage({ text: "", blocks: blocks(long) }).blocks;
  const lengths = (JSON.stringify(cut).match(/a [<x ]*…/g) ?? []).map((each) => each.length);
  expect(lengths).toEqual([150, 3, 3, 2000, 3, 2000, 75, 3, 2000, 2000]);
});

test("leaves no text empty, which Slack refuses", () => {
  expect(checkBlocks(blocks(""))).toHaveLength(10);
  expect(checkBlocks(fitMessage({ text: "", blocks: blocks("") }).blocks)).toEqual([]);
});

test("leaves everything else as it is", () => {
  const odd = [
    { type: "divider", block_id: "d" },
    { type: "new", list: [1, null, { deep: "" }] },
  ];
  expect(fitMessage({ text: "hello", blocks: odd })).toEqual({ text: "hello", blocks: odd });
  expect(fitMessage({ text: "hello" })).toEqual({ text: "hello" });
});
