import { describe, expect, test } from "vitest";
import { chooseMessage } from "../../../src/commands/slack-notify/choose-message.ts";
import { outline } from "../../support/slack-model/outline.ts";
import { createSlackWorld, failedMark } from "./slack-world.ts";

const digest = `sha256:${"ab12".repeat(16)}`;
const release = {
  ".circleback/releases/push.json": JSON.stringify({
    schema: 1,
    action: "promote",
    version: "0.1.7",
    image: `registry.example/api@${digest}`,
    digest,
    startedAt: "2025-12-31T23:58:00.000Z",
    finishedAt: "2025-12-31T23:59:30.000Z",
  }),
};
const checkout = { files: { ".git/HEAD": "ref" }, git: "Anna\nLet it rain\n" };

const button = '["View workflow"] https://circleci.com/workflow-run/workflow-1';
const facts = [
  '*Project*: "acme/shop"',
  '*Branch*: "develop"',
  '*Commit*: "0123456 Let it rain"',
  '*Author*: "Anna"',
  '*Job*: "test"',
];
const when = '*When*: "2026-01-01 00:00:00 UTC"';

describe("the built-in message", () => {
  test.each([
    ["start", {}, ":hourglass_flowing_sand: *Build has started*", [when, button]],
    ["result", {}, ":white_check_mark: *Build has succeeded*", [when, button]],
    [
      "hold",
      {},
      ":raised_hand: *Waiting for approval*",
      [when, '["Review and approve"] https://circleci.com/workflow-run/workflow-1'],
    ],
  ])("of %s tells what job and commit it is about", async (message, parameters, headline, rest) => {
    const world = createSlackWorld(checkout);
    await world.tell({ message, ...parameters });
    expect(world.model.messages.map(outline)).toEqual([[headline, ...facts, ...rest]]);
  });

  test.each([
    [
      "deployed",
      ":rocket: *Deployed 0.1.7 to production*",
      "Deployed 0.1.7 to production: acme/shop, develop",
    ],
    [
      "rolled-back",
      ":rewind: *Rolled back production to 0.1.7*",
      "Rolled back production to 0.1.7: acme/shop, develop",
    ],
  ])("of %s tells version, image and how long it took", async (message, headline, text) => {
    const world = createSlackWorld({ files: { ...checkout.files, ...release }, git: checkout.git });
    await world.tell(
      { message, "environment-name": "${STAGE}", picture: "https://x.example/a.gif" },
      { STAGE: "production" },
    );
    const [posted] = world.model.messages;
    expect([posted?.text, posted && outline(posted)]).toEqual([
      text,
      [
        headline,
        `(https://x.example/a.gif ${text.split(":")[0]})`,
        ...facts,
        '*Version*: "0.1.7"',
        `*Image*: "registry.example/api@${digest}"`,
        '*Environment*: "production"',
        when,
        '*Duration*: "1m30s"',
        button,
      ],
    ]);
  });

  const record = (name: string, fields: object) => ({
    [`.circleback/releases/${name}.json`]: JSON.stringify({ schema: 1, dryRun: false, ...fields }),
  });
  const deploy = {
    action: "deploy",
    version: "0.1.8",
    image: `registry.example/api@${digest}`,
    environment: "staging",
    hosts: [{ host: "a", result: "deployed", phase: "probe", before: "0.1.7" }],
    finishedAt: "2025-12-31T23:59:59Z",
  };

  test.each([
    ["the newest record", {}, record("deploy", deploy), "deployed", ":rocket: *Deployed 0.1.8 to staging*"],
    [
      "the record that is named",
      { release: "push" },
      record("deploy", deploy),
      "deployed",
      ":rocket: *Deployed 0.1.7*",
    ],
    [
      "what was there before a deploy that was rolled back",
      {},
      record("deploy", { ...deploy, hosts: [{ host: "a", result: "rolled-back", before: "0.1.7" }] }),
      "rolled-back",
      ":rewind: *Rolled back staging to 0.1.7*",
    ],
    [
      "no dry run",
      {},
      record("deploy", { ...deploy, dryRun: true }),
      "deployed",
      ":rocket: *Deployed 0.1.7*",
    ],
  ])("tells of %s", async (_, parameters, files, message, headline) => {
    const world = createSlackWorld({ files: { ...release, ...files } });
    await world.tell({ message, ...parameters });
    expect(world.model.messages.map((each) => outline(each)[0])).toEqual([headline]);
  });

  const at = (...results: readonly string[]) =>
    results.map((text) => {
      const [result, phase = "start"] = text.split("/");
      return { host: "a", result, phase, before: "0.1.7" };
    });
  const [deployed, failed, undone] = [
    ":rocket: *Deployed 0.1.8 to staging*",
    ":x: *Delivery of 0.1.8 to staging has failed*",
    ":rewind: *Rolled back staging to 0.1.7*",
  ];
  const [red, back] = [":x: *Build has failed*", ":rewind: *Rolled back staging to 0.1.8*"];

  test.each([
    ["deploy", at("deployed", "deployed"), deployed, null, red],
    ["deploy", at("started"), deployed, null, red],
    ["deploy", at("unchanged/nothing"), deployed, null, red],
    ["deploy", at("unchanged/"), deployed, null, red],
    ["deploy", at("unchanged/pull"), failed, failed, red],
    ["deploy", at("deployed", "failed"), failed, failed, red],
    ["deploy", at("canceled"), failed, failed, red],
    ["deploy", [], failed, failed, red],
    ["deploy", at("rolled-back", "not-started"), failed, undone, undone],
    ["deploy", at("rolled-back", "broken"), failed, failed, red],
    ["rollback", at("deployed"), back, back, back],
    ["rollback", at("rolled-back"), failed, failed, red],
    ["rollback", at("refused"), failed, failed, red],
  ])("of a %s that ended as %j is %s, or %s, or %s", async (action, hosts, ...headlines) => {
    const files = record("deploy", { ...deploy, action, hosts });
    const told = [];
    for (const [message, mark] of [
      ["deployed", {}],
      ["rolled-back", {}],
      ["rolled-back", failedMark],
    ] as const) {
      const world = createSlackWorld({ files: { ...files, ...mark } });
      await world.tell({ message });
      told.push(world.model.messages.map((each) => outline(each)[0])[0] ?? null);
    }
    expect(told).toEqual(headlines);
  });

  test("of a rollback takes what was pushed for no version that was gone back to", async () => {
    const world = createSlackWorld({ files: record("push", { action: "push", version: "0.1.8" }) });
    await world.tell({ message: "rolled-back" });
    expect(world.model.messages.map((each) => outline(each)[0])).toEqual([":rewind: *Rolled back*"]);
  });

  test("names a record that cannot be read, and tells what it knows without", async () => {
    const world = createSlackWorld({ files: { ".circleback/releases/deploy.json": "{" } });
    expect((await world.tell({ message: "deployed" })).lines).toEqual([
      "Warning: The release record .circleback/releases/deploy.json cannot be read, and is left out.",
      "Posted `deployed` to #ci.",
    ]);
  });

  test.each([
    ["{", "is there, but cannot be read. (file.failed)"],
    [JSON.stringify({ ...deploy, dryRun: true }), "is that of a dry run. (release.not-found)"],
  ])("is none where the record that is named is %s", async (text, words) => {
    const world = createSlackWorld({ files: { ".circleback/releases/deploy.json": text } });
    const { lines, calls } = await world.tell({ release: "deploy" });
    expect([lines[0], calls]).toEqual([
      `Warning: The release record .circleback/releases/deploy.json ${words}`,
      [],
    ]);
  });

  test("is none where the record that is named is not there", async () => {
    const { exit, lines, calls } = await createSlackWorld({ files: release }).tell({ release: "nope" });
    expect([exit, lines[0], calls]).toEqual([
      0,
      "Warning: There is no release record .circleback/releases/nope.json. (release.not-found)",
      [],
    ]);
  });

  test("of a failure names the job, and calls whom it is to call", async () => {
    const world = createSlackWorld({ files: failedMark });
    await world.tell({ mentions: "<!here> <@U012AB3CD>" });
    expect(world.model.messages.map(outline)).toEqual([
      [
        ":x: *Build has failed*",
        '*Project*: "acme/shop"',
        '*Branch*: "develop"',
        '*Commit*: "0123456"',
        '*Author*: "anna"',
        '*Job*: "test"',
        when,
        "*Failed jobs*\n• <https://circleci.com/gh/acme/shop/7|test> failed",
        button,
        "<!here> <@U012AB3CD>",
      ],
    ]);
  });

  test("shows what others have typed, however hostile, as plain text of a bearable length", async () => {
    const evil = '<!channel> *bold* `code` {{digest}} \\n" ';
    const world = createSlackWorld({
      files: { ...checkout.files, ...failedMark },
      git: `${evil}Anna\n${evil}${"x".repeat(5000)}\n`,
      env: { CIRCLE_BRANCH: `${evil}\n\u2028*Result*: fine`, CIRCLE_JOB: "*evil*|<!here>" },
    });
    expect((await world.tell()).exit).toBe(0);
    const [posted] = world.model.messages;
    const typed = '<!channel> *bold* `code` {{digest}} \\n"';
    expect(posted && outline(posted)).toEqual([
      ":x: *Build has failed*",
      '*Project*: "acme/shop"',
      `*Branch*: ${JSON.stringify(`${typed} *Result*: fine`)}`,
      `*Commit*: ${JSON.stringify(`0123456 ${`${typed} `.padEnd(299, "x")}…`)}`,
      `*Author*: ${JSON.stringify(`${typed} Anna`)}`,
      '*Job*: "*evil*|<!here>"',
      when,
      "*Failed jobs*\n• <https://circleci.com/gh/acme/shop/7|\u200b*\u200bevil\u200b*\u200b|&lt;!here&gt;> failed",
      button,
    ]);
    expect(posted?.text).not.toContain("<");
  });
});

test.each([
  ["result", "always", "success", "success"],
  ["result", "always", "failure", "failure"],
  ["result", "pass", "failure", null],
  ["result", "fail", "success", null],
  ["success", "always", "failure", null],
  ["failure", "always", "success", null],
  ["failure", "fail", "failure", "failure"],
  ["deployed", "always", "success", "deployed"],
  ["deployed", "always", "failure", "failure"],
  ["deployed", "pass", "failure", null],
  ["rolled-back", "always", "success", "rolled-back"],
  ["rolled-back", "always", "failure", "failure"],
  ["start", "always", "success", "start"],
  ["hold", "fail", "success", null],
] as const)("of message %s on event %s after a %s it tells %s", (message, event, result, told) => {
  expect(chooseMessage({ message, event }, result, null)).toBe(told);
});

test("says what it keeps to itself", async () => {
  const world = createSlackWorld();
  const told = [await world.tell({ event: "fail" }), await world.tell({ "only-branches": "main" })];
  expect(told.map(({ exit, lines, calls }) => [exit, lines, calls])).toEqual([
    [0, ["Nothing is told of a success."], []],
    [0, ["Nothing is told of the branch develop."], []],
  ]);
});
