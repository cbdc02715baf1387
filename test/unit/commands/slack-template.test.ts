import { describe, expect, test } from "vitest";
import type { SlackMessage } from "../../support/slack-model/slack-model.ts";
import { createSlackWorld } from "./slack-world.ts";

/** What one text becomes: in mrkdwn, in plain text, and in an address. */
async function fill(hole: string, options: Parameters<typeof createSlackWorld>[0] = {}) {
  const world = createSlackWorld(options);
  const template = JSON.stringify({
    blocks: [
      { type: "section", text: { type: "mrkdwn", text: `> ${hole}` } },
      { type: "header", text: { type: "plain_text", text: hole } },
      {
        type: "actions",
        elements: [
          {
            type: "button",
            text: { type: "plain_text", text: "Go" },
            url: `https://x.example/?q=${hole}`,
          },
        ],
      },
    ],
  });
  const told = await world.tell({ template });
  const [message] = world.model.messages;
  const [mrkdwn, plain, , url] = textsOf(message);
  return { ...told, text: message?.text, mrkdwn, plain, url };
}

function textsOf(message: SlackMessage | undefined): readonly string[] {
  const texts: string[] = [];
  JSON.stringify(message?.blocks ?? [], (key, value: unknown) => {
    if ((key === "text" || key === "url") && typeof value === "string") texts.push(value);
    return value;
  });
  return texts;
}

describe("a value in a template", () => {
  test.each([
    ["a mention", "<!channel>", "&lt;!channel&gt;", "<!channel>", "%3C!channel%3E"],
    ["quotes and braces", '"}],{"\\n', '"}],{"\\n', '"}],{"\\n', "%22%7D%5D%2C%7B%22%5Cn"],
    [
      "what looks like another hole",
      "{{author}} {{ nope }}",
      "{{author}} {{ nope }}",
      "{{author}} {{ nope }}",
      "%7B%7Bauthor%7D%7D%20%7B%7B%20nope%20%7D%7D",
    ],
    [
      "what a shell would run",
      "$(id -u) `id` ${HOME}",
      "$(id -u) \u200b`\u200bid\u200b`\u200b ${HOME}",
      "$(id -u) `id` ${HOME}",
      "%24(id%20-u)%20%60id%60%20%24%7BHOME%7D",
    ],
    ["a replacement pattern", "$& $1 $$", "$&amp; $1 $$", "$& $1 $$", "%24%26%20%241%20%24%24"],
    ["lines", "a\n*b*", "a \u200b*\u200bb\u200b*\u200b", "a *b*", "a%20*b*"],
  ])("that is %s is data", async (_, value, mrkdwn, plain, url) => {
    const filled = await fill("{{branch}}", { env: { CIRCLE_BRANCH: value } });
    expect([filled.calls, filled.mrkdwn, filled.plain, filled.url]).toEqual([
      ["chat.postMessage 200"],
      `> ${mrkdwn}`,
      plain,
      `https://x.example/?q=${url}`,
    ]);
  });

  test("that is too long is cut", async () => {
    const { exit, calls, plain } = await fill("{{branch}}", { env: { CIRCLE_BRANCH: "b".repeat(5000) } });
    expect([exit, calls, plain]).toEqual([0, ["chat.postMessage 200"], `${"b".repeat(149)}…`]);
  });

  test("that is not known leaves no text empty", async () => {
    const { calls, plain, mrkdwn } = await fill("{{tag}}");
    expect([calls, plain, mrkdwn]).toEqual([["chat.postMessage 200"], "-", "> "]);
  });

  test("is put into an address as it is where it is all of it", async () => {
    const world = createSlackWorld();
    const text = { type: "plain_text", text: "Go" };
    const button = { type: "button", text, url: "{{workflow-url}}" };
    await world.tell({ template: JSON.stringify([{ type: "actions", elements: [button] }]) });
    expect(textsOf(world.model.messages[0])).toEqual(["Go", "https://circleci.com/workflow-run/workflow-1"]);
  });
});

test("makes no link and no mention of a value", async () => {
  const world = createSlackWorld({ env: { CIRCLE_BRANCH: "@anna-[click](https://x.example)-#general-`a`" } });
  const template = [
    {
      type: "section",
      text: { type: "mrkdwn", text: "on {{branch}}" },
      fields: [{ type: "mrkdwn", text: "{{tag}}" }],
    },
    { type: "section", text: { type: "mrkdwn", text: "on {{branch}}", verbatim: false } },
    { type: "context", elements: [{ type: "mrkdwn", text: "see https://x.example" }] },
    { type: "markdown", text: "**on** {{branch}}" },
  ];
  await world.tell({ template: JSON.stringify(template) });
  const text = "on @anna-[click](https://x.example)-#general-\u200b`\u200ba\u200b`\u200b";
  expect(world.model.messages[0]?.blocks).toEqual([
    {
      type: "section",
      text: { type: "mrkdwn", verbatim: true, text },
      fields: [{ type: "mrkdwn", verbatim: true, text: "-" }],
    },
    { type: "section", text: { type: "mrkdwn", verbatim: false, text } },
    { type: "context", elements: [{ type: "mrkdwn", text: "see https://x.example" }] },
    {
      type: "markdown",
      text: "**on** @\u200banna-\\[click\\]\\(https://x.example\\)-\\#general-\\`a\\`",
    },
  ]);
});

test("tells notifications what the template leaves out", async () => {
  expect((await fill("x")).text).toBe("Build has succeeded: acme/shop, develop");
  const world = createSlackWorld();
  await world.tell({ template: '{"text":"{{branch}} of {{project}} is <https://x.example|live>"}' });
  expect(world.model.messages[0]?.text).toBe("develop of acme/shop is <https://x.example|live>");
});

const own = '{"text":"mine"}';

test.each([
  ["a variable", { template: "${MY_MESSAGE}" }, { env: { MY_MESSAGE: own } }],
  ["a file", { "template-file": "slack/mine.json" }, { files: { "slack/mine.json": own } }],
])("comes from %s", async (_, parameters, options) => {
  const world = createSlackWorld(options);
  await world.tell(parameters);
  expect(world.model.messages.map(({ text }) => text)).toEqual(["mine"]);
});

test.each([
  [{ template: '{"blocks": "x"}' }, "`template` is no message: blocks is missing or of the wrong type."],
  [
    { template: '{"attachments": []}' },
    "`template` is no message: it may have `text` and `blocks`, and nothing else.",
  ],
  [
    { template: '[{"type":"divider"},{"text":"x"}]' },
    "`template` is no message: blocks.1.type is missing or of the wrong type.",
  ],
  [{ template: "{}" }, "`template` is no message: it is empty."],
  [{ template: "${NOPE}" }, "There is no template: the variable NOPE is not there."],
  [{ "template-file": "nope.json" }, "There is no template: nope.json is not there."],
  [{ template: '{"text":"{{branhc}}"}' }, "The template has {{branhc}} in it, which stands for nothing."],
])("refuses %j before it calls anybody", async (parameters, sentence) => {
  const world = createSlackWorld();
  const { exit, lines, calls } = await world.tell({ ...parameters, strict: "1" });
  expect([exit, lines[0], calls]).toEqual([2, `Error: ${sentence} (message.invalid)`, []]);
});

test("says where a template is no JSON", async () => {
  const { exit, lines, calls } = await createSlackWorld().tell({ template: '{"text": nope}', strict: "1" });
  expect([exit, lines[0], calls]).toEqual([
    2,
    expect.stringMatching(
      /^Error: `template` is no JSON( at position 10( \(line 1 column 11\))?)?\. \(message\.invalid\)$/,
    ),
    [],
  ]);
});

test("does not repeat what stands in a variable that holds no template", async () => {
  const world = createSlackWorld({ env: { DATABASE_URL: "postgres://app:hunter2@db" } });
  const { exit, lines } = await world.tell({ template: "${DATABASE_URL}", strict: "1" });
  expect([exit, lines[0]]).toEqual([2, "Error: the variable DATABASE_URL is no JSON. (message.invalid)"]);
  expect(lines.join("\n")).not.toMatch(/postgr/);
});

test.each([
  "4242424242",
  '"4242424242"',
  '{"text":[4242424242]}',
  '{"blocks":"4242424242"}',
  '{"4242424242":1}',
])("does not repeat it where it is JSON: %s", async (secret) => {
  const world = createSlackWorld({ env: { PIN: secret } });
  const { exit, lines } = await world.tell({ template: "${PIN}", strict: "1" });
  expect([exit, lines[0]]).toEqual([2, expect.stringContaining("the variable PIN is no message: ")]);
  expect(lines.join("\n")).not.toContain("4242");
});

test.each([
  [50, "", 50, []],
  [50, "<!here>", 50, ["Warning: Slack takes 50 blocks: the last 1 of the template are left out."]],
  [53, "", 50, ["Warning: Slack takes 50 blocks: the last 3 of the template are left out."]],
])("sends of %i blocks and the mentions %j what Slack takes", async (count, mentions, sent, warnings) => {
  const world = createSlackWorld();
  const template = JSON.stringify(Array.from({ length: count }, () => ({ type: "divider" })));
  const { lines } = await world.tell({ template, mentions });
  const blocks = world.model.messages[0]?.blocks ?? [];
  expect([lines, blocks.length, JSON.stringify(blocks.at(-1)).includes(mentions)]).toEqual([
    [...warnings, "Posted `success` to #ci."],
    sent,
    true,
  ]);
});

test("calls in the text where it is all there is, which takes the place of older blocks", async () => {
  const world = createSlackWorld();
  await world.tell({ message: "start", thread: "a" });
  await world.host.clock.sleep(2000);
  await world.tell({ thread: "a", template: own });
  await world.host.clock.sleep(2000);
  await world.tell({ template: own, mentions: "<!here>" });
  expect(world.model.messages.map(({ text, blocks }) => [text, blocks.length])).toEqual([
    ["mine", 0],
    ["Build has succeeded: acme/shop, develop", 2],
    ["mine <!here>", 0],
  ]);
});

test("refuses two templates at once", async () => {
  const { exit, lines } = await createSlackWorld().tell({ template: own, "template-file": "x", strict: "1" });
  expect([exit, lines[0]]).toEqual([
    2,
    "Error: Both `template` and `template-file` say what the message is. (parameter.invalid)",
  ]);
});
