import { describe, expect, test } from "vitest";
import { outline } from "../../support/slack-model/outline.ts";
import { botToken, type Channel, type Fault } from "../../support/slack-model/slack-model.ts";
import { createSlackWorld, failedMark } from "./slack-world.ts";

const strictHint = "  - The job goes on all the same; `strict: true` would fail it.";

/** Of what is told, what does not change from test to test: code, exit with `strict`, calls. */
async function tellTwice(world: () => ReturnType<typeof createSlackWorld>, parameters = {}) {
  const [first, second] = [world(), world()];
  const mild = await first.tell(parameters);
  const strict = await second.tell({ ...parameters, strict: "1" });
  const [, code] = /\((\w+\.[\w-]+)\)$/m.exec(strict.lines.join("\n")) ?? [];
  const output = [...mild.lines, ...strict.lines].join("\n");
  return { mild, strict: strict.exit, code, output };
}

describe("the message that lives", () => {
  const parameters = { thread: "release", channels: "#ci, ops", mentions: "<@U012AB3CD>" };

  test("is posted once to each channel, changed there, and answered in its own thread", async () => {
    const world = createSlackWorld();
    const start = await world.tell({ ...parameters, message: "start" });
    await world.host.clock.sleep(90_000);
    for (const [path, text] of Object.entries(failedMark)) await world.host.files.write(path, text);
    const end = await world.tell(parameters);
    expect([start.calls, start.lines, end.calls, end.lines]).toEqual([
      ["chat.postMessage 200", "chat.postMessage 200"],
      ["Posted `start` to #ci.", "Posted `start` to ops."],
      ["chat.update 200", "chat.update 200", "chat.postMessage 200", "chat.postMessage 200"],
      ["Updated the message in #ci to `failure`.", "Updated the message in ops to `failure`."],
    ]);
    const [ci, ops, ...answers] = world.model.messages;
    expect(answers.map(({ channel, thread }) => [channel, thread])).toEqual([
      ["ci", ci?.ts],
      ["ops", ops?.ts],
    ]);
    expect([ci?.edits, ci && outline(ci)[0], ci && outline(ci).includes("<@U012AB3CD>")]).toEqual([
      1,
      ":x: *Build has failed*",
      false,
    ]);
    expect(ci && outline(ci)).toContain('*Duration*: "1m30s"');
    expect(answers[0] && outline(answers[0])).toEqual([
      ":x: *Build has failed*",
      "*Failed jobs*\n• <https://circleci.com/gh/acme/shop/7|test> failed",
      '["View workflow"] https://circleci.com/workflow-run/workflow-1',
      "<@U012AB3CD>",
    ]);
  });

  test("is posted once to a channel that is named twice", async () => {
    expect((await createSlackWorld().tell({ channels: "#ci,\n#ci" })).calls).toEqual([
      "chat.postMessage 200",
    ]);
  });

  test("is the newest where two jobs have posted one", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "release", message: "start" }, { CIRCLE_WORKFLOW_JOB_ID: "job-9" });
    await world.host.clock.sleep(5000);
    const [path = "", first = ""] =
      [...world.host.written].find(([name]) => name.startsWith(".circleback/slack/")) ?? [];
    await world.host.files.remove(path);
    await world.tell({ thread: "release", message: "start" }, { CIRCLE_WORKFLOW_JOB_ID: "job-1" });
    await world.host.files.write(path, first);
    await world.tell({ thread: "release" });
    expect(world.model.messages.map(({ edits }) => edits)).toEqual([0, 1, 0]);
  });

  test("is not answered by a second start of it, as of a rerun", async () => {
    const world = createSlackWorld();
    await world.tell({ ...parameters, message: "start" });
    const again = await world.tell({ ...parameters, message: "start" });
    expect(again.calls).toEqual(["chat.update 200", "chat.update 200"]);
  });

  test("travels in a file of each job's own, which parallel jobs can persist side by side", async () => {
    const world = createSlackWorld();
    await world.tell({ ...parameters, message: "start" });
    await world.tell(parameters, { CIRCLE_WORKFLOW_JOB_ID: "job-2", CIRCLE_NODE_INDEX: "3" });
    const [ci, ops] = world.model.messages;
    const note = (writtenAt: number) => ({
      version: 1,
      thread: "release",
      startedAt: Date.parse("2026-01-01T00:00:00Z"),
      writtenAt,
      messages: [
        { name: "#ci", channel: "C00000000", ts: ci?.ts },
        { name: "ops", channel: "C00000001", ts: ops?.ts },
      ],
    });
    const kept = [...world.host.written].filter(([path]) => path.includes("/slack/"));
    const files = Object.fromEntries(kept.map(([path, text]) => [path, JSON.parse(text)]));
    const start = Date.parse("2026-01-01T00:00:00Z");
    const [first, second] = ["release.job-1-0.json", "release.job-2-3.json"];
    const later = files[`.circleback/slack/${second}`]?.writtenAt;
    expect(files).toEqual({
      [`.circleback/slack/${first}`]: note(start),
      [`.circleback/persisted/.circleback/slack/${first}`]: note(start),
      [`.circleback/slack/${second}`]: note(later),
      [`.circleback/persisted/.circleback/slack/${second}`]: note(later),
    });
  });

  test("of another name is another message", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "dep", message: "start" });
    await world.host.clock.sleep(1000);
    await world.tell({ thread: "deploy", message: "start" });
    expect(world.model.messages.map(({ edits, thread }) => [edits, thread])).toEqual([
      [0, null],
      [0, null],
    ]);
  });

  test("is posted anew where somebody has deleted it, and goes on from there", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "release", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.deleteMessages();
    const told = [await world.tell({ thread: "release" }), await world.tell({ thread: "release" })];
    expect(told.map(({ calls }) => calls)).toEqual([
      ["chat.update 200 message_not_found", "chat.postMessage 200"],
      ["chat.update 200", "chat.postMessage 429 ratelimited", "chat.postMessage 200"],
    ]);
  });

  test("that must not be changed any more is answered all the same", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "release", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({ call: "chat.update", status: 200, error: "edit_window_closed" });
    const { exit, calls, lines } = await world.tell({ thread: "release" });
    expect([exit, calls, ...lines.slice(0, 2)]).toEqual([
      0,
      ["chat.update 200 edit_window_closed", "chat.postMessage 200"],
      "Answered the message in #ci with `success`.",
      "Warning: Slack has not taken the message for #ci: chat.update was answered edit_window_closed: the message cannot be changed any more, by this app at least. (slack.failed)",
    ]);
  });

  test("is said to be changed where only the answer in its thread was refused", async () => {
    const world = createSlackWorld();
    await world.tell({ ...parameters, message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({
      call: "chat.postMessage",
      status: 200,
      error: "restricted_action_thread_only_channel",
      times: 2,
    });
    const { exit, lines } = await world.tell({ ...parameters, strict: "1" });
    expect([exit, lines.slice(0, 3)]).toEqual([
      3,
      [
        "Updated the message in #ci to `success`.",
        "Updated the message in ops to `success`.",
        "Error: Slack has not taken the answer in the thread of #ci, ops: chat.postMessage was answered restricted_action_thread_only_channel: a setting of the workspace or of the channel does not let the app post there. (slack.unauthorized)",
      ],
    ]);
  });

  test.each([
    [
      "",
      [
        "Posted `start` to #ci.",
        "Error: This machine did not let slack-notify do something: no room. (file.failed)",
      ],
    ],
    [
      ", nowhere",
      [
        "Posted `start` to #ci.",
        "Warning: Where the messages are could not be kept for later jobs: no room.",
        "Error: Slack has not taken the message for nowhere: chat.postMessage was answered channel_not_found: there is no such channel, or it is private and the app is not in it. (slack.not-found)",
      ],
    ],
  ])("is said to be posted where its id cannot be kept (#ci%s)", async (more, told) => {
    const world = createSlackWorld({ isFull: true });
    const channels = `#ci${more}`;
    const { lines } = await world.tell({ thread: "release", message: "start", channels, strict: "1" });
    expect([lines.slice(0, told.length), world.model.messages.length]).toEqual([told, 1]);
  });

  test.each([
    '{"version":2}',
    '{"version":1,"thread":"release","startedAt":1,"writtenAt":1,"messages":[{"name":"#ci","channel":"","ts":""}]}',
  ])("begins anew where the file that came with the workspace is none of ours: %s", async (note) => {
    const world = createSlackWorld({ files: { ".circleback/slack/release.x.json": note } });
    expect((await world.tell({ thread: "release" })).calls).toEqual(["chat.postMessage 200"]);
  });
});

describe("what Slack refuses fails the job only if it is strict", () => {
  const refusals: readonly [
    string,
    Parameters<typeof createSlackWorld>[0],
    object,
    number,
    string,
    string,
  ][] = [
    [
      "an unknown channel",
      {},
      { channels: "#nowhere" },
      5,
      "slack.not-found",
      "Slack has not taken the message for #nowhere: chat.postMessage was answered channel_not_found: there is no such channel, or it is private and the app is not in it.",
    ],
    [
      "a channel without the app",
      { channels: { ci: { isMember: false } satisfies Channel } },
      {},
      5,
      "slack.not-found",
      "Slack has not taken the message for #ci: chat.postMessage was answered not_in_channel: the app is not in that channel.",
    ],
    [
      "a revoked token",
      { isRevoked: true },
      { channels: "ci, ops" },
      3,
      "slack.unauthorized",
      "Slack has not taken the message for ci, ops: chat.postMessage was answered token_revoked: the token is wrong, expired or revoked, or the app was removed.",
    ],
    [
      "a token without the scope",
      { scopes: ["users:read"] },
      {},
      3,
      "slack.unauthorized",
      "Slack has not taken the message for #ci: chat.postMessage was answered missing_scope: the token may not do this (the scope chat:write is needed).",
    ],
    [
      "blocks that are none",
      {},
      { template: '[{"type":"section"}]' },
      2,
      "message.invalid",
      "Slack has not taken the message for #ci: chat.postMessage was answered invalid_blocks: the blocks are not what Block Kit allows ([ERROR] must define either `text` or `fields` [json-pointer:/blocks/0]).",
    ],
    [
      "no token at all",
      { env: { SLACK_ACCESS_TOKEN: "" } },
      {},
      3,
      "slack.unauthorized",
      "Neither SLACK_ACCESS_TOKEN nor SLACK_WEBHOOK is set, so Slack is told nothing.",
    ],
    [
      "no channel",
      { env: { SLACK_DEFAULT_CHANNEL: "" } },
      {},
      2,
      "parameter.invalid",
      "There is no channel to tell it.",
    ],
    [
      "a filter that is none",
      {},
      { "only-branches": "/(/" },
      2,
      "parameter.invalid",
      "Parameter `only-branches` has no regular expression of JavaScript in it: Invalid regular expression: /(/: Unterminated group.",
    ],
  ];

  test.each(refusals)("%s", async (_, options, parameters, exitIfStrict, code, sentence) => {
    const told = await tellTwice(() => createSlackWorld(options), parameters);
    expect([told.mild.exit, told.strict, told.code, told.mild.lines[0], told.mild.lines.at(-1)]).toEqual([
      0,
      exitIfStrict,
      code,
      `Warning: ${sentence} (${code})`,
      strictHint,
    ]);
    expect(told.output).not.toContain(botToken);
  });

  test("one channel, while the others get their message", async () => {
    const world = createSlackWorld();
    const { exit, calls, lines } = await world.tell({ channels: "nowhere, ci", strict: "1" });
    expect([exit, calls, lines.slice(0, 2)]).toEqual([
      5,
      ["chat.postMessage 200 channel_not_found", "chat.postMessage 200"],
      [
        "Posted `success` to ci.",
        "Error: Slack has not taken the message for nowhere: chat.postMessage was answered channel_not_found: there is no such channel, or it is private and the app is not in it. (slack.not-found)",
      ],
    ]);
  });
});

describe("when Slack cannot be reached", () => {
  const busy = (fault: Partial<Fault>) => {
    const world = createSlackWorld();
    world.model.fail({ call: "chat.postMessage", ...fault });
    return world;
  };

  test("waits as long as Retry-After says, without a word", async () => {
    const world = busy({ status: 429, error: "ratelimited", headers: { "retry-after": "7" } });
    expect(await world.tell()).toEqual({
      exit: 0,
      lines: ["Posted `success` to #ci."],
      calls: ["chat.postMessage 429 ratelimited", "chat.postMessage 200"],
      seconds: 7,
    });
  });

  test("tries again where Slack says with status 200 that it is too much", async () => {
    const told = await busy({ status: 200, error: "ratelimited" }).tell();
    expect([told.exit, told.calls]).toEqual([
      0,
      ["chat.postMessage 200 ratelimited", "chat.postMessage 200"],
    ]);
  });

  test("does not repeat a token that cannot be sent", async () => {
    const token = "xoxb-first\nxoxb-second";
    const { exit, lines } = await createSlackWorld({ env: { SLACK_ACCESS_TOKEN: token } }).tell();
    expect([exit, lines.filter((line) => /first|second/.test(line))]).toEqual([0, []]);
  });

  test("gives up at once where Retry-After is longer than the minute", async () => {
    const told = await tellTwice(() => busy({ status: 429, headers: { "retry-after": "61" } }));
    expect([told.mild, told.strict]).toEqual([
      {
        exit: 0,
        lines: [
          "Warning: Slack has not taken the message for #ci: chat.postMessage was answered 429, to be asked again after 61 s, and there is no time left for another try. (slack.failed)",
          "  - Check the network of this job; slack-status.com tells of outages.",
          strictHint,
        ],
        calls: ["chat.postMessage 429"],
        seconds: 0,
      },
      4,
    ]);
  });

  test("stays green for a minute of 503, and says so once", async () => {
    const { mild, strict, code } = await tellTwice(() => busy({ status: 503, times: 99 }));
    expect([mild.exit, mild.lines, mild.seconds <= 60, mild.calls.length > 4, strict, code]).toEqual([
      0,
      [
        "Warning: Slack has not taken the message for #ci: chat.postMessage was answered 503, and there is no time left for another try. (slack.failed)",
        "  - Check the network of this job; slack-status.com tells of outages.",
        strictHint,
      ],
      true,
      true,
      4,
      "slack.failed",
    ]);
  });

  test.each(["ECONNREFUSED", "ENOTFOUND"])("stays green without a network (%s)", async (isCut) => {
    const { mild, strict } = await tellTwice(() => createSlackWorld({ isCut }));
    expect([mild.exit, mild.lines[0], mild.seconds <= 60, strict]).toEqual([
      0,
      `Warning: Slack has not taken the message for #ci: chat.postMessage got no answer: broken: ${isCut}. (slack.failed)`,
      true,
      4,
    ]);
  });

  test("never waits longer than a minute for answers that do not come", async () => {
    const { exit, seconds, lines } = await createSlackWorld({ requestsHang: true }).tell();
    expect([exit, seconds <= 60, lines[0]]).toEqual([
      0,
      true,
      "Warning: Slack has not confirmed the message for #ci: chat.postMessage got no answer: no answer within 30 s, so it may or may not have arrived. (slack.failed)",
    ]);
  });

  test("posts no second time what may have arrived, but changes a message as often as it takes", async () => {
    const world = createSlackWorld();
    world.model.fail({ call: "chat.postMessage", after: "accepted" });
    const lost = await world.tell({ thread: "a" });
    await world.host.clock.sleep(2000);
    await world.tell({ thread: "b", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({ call: "chat.update", after: "accepted" });
    const changed = await world.tell({ thread: "b" });
    expect([lost.calls, lost.lines[0], changed.calls]).toEqual([
      ["chat.postMessage cut"],
      "Warning: Slack has not confirmed the message for #ci: chat.postMessage got no answer: broken: ECONNRESET, so it may or may not have arrived. (slack.failed)",
      ["chat.update cut", "chat.update 200", "chat.postMessage 200"],
    ]);
  });

  test.each([
    [500, ""],
    [502, ""],
    [504, ""],
    [200, " in a form that is not Slack's"],
  ])("posts no second time what somebody else has answered with %i", async (status, form) => {
    const world = createSlackWorld();
    world.model.fail({ call: "chat.postMessage", after: "accepted", status });
    const { exit, calls, lines } = await world.tell();
    expect([exit, calls, lines[0], world.model.messages.length]).toEqual([
      0,
      [`chat.postMessage ${status}`],
      `Warning: Slack has not confirmed the message for #ci: chat.postMessage was answered ${status}${form}, so it may or may not have arrived. (slack.failed)`,
      1,
    ]);
  });

  test.each<[string, Partial<Fault>, string]>([
    ["is lost", {}, "got no answer: broken: ECONNRESET"],
    ["is 504", { status: 504 }, "was answered 504, and there is no time left for another try"],
    ["is not Slack's", { status: 200 }, "was answered 200 in a form that is not Slack's"],
  ])("says that a change may have been made whose every answer %s", async (_, fault, words) => {
    const world = createSlackWorld();
    await world.tell({ thread: "a", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({ call: "chat.update", after: "accepted", times: 99, ...fault });
    const { exit, lines } = await world.tell({ thread: "a", message: "start" });
    expect([exit, lines[0], world.model.messages[0]?.edits !== 0]).toEqual([
      0,
      `Warning: Slack has not confirmed the message for #ci: chat.update ${words}, so it may or may not have arrived. (slack.failed)`,
      true,
    ]);
  });

  test("says so as well where a try whose answer was lost is followed by a refusal", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "a", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({ call: "chat.update", after: "accepted" });
    world.model.fail({ call: "chat.update", status: 200, error: "edit_window_closed" });
    const { lines } = await world.tell({ thread: "a", message: "start" });
    expect(lines[0]).toMatch(
      /^Warning: Slack has not confirmed the message for #ci: chat\.update was answered edit_window_closed: /,
    );
  });

  test("keeps no message that Slack has not named, and begins anew", async () => {
    const world = createSlackWorld();
    world.model.fail({ call: "chat.postMessage", status: 200, body: '{"ok":true}' });
    const told = [await world.tell({ thread: "a", message: "start" }), await world.tell({ thread: "a" })];
    expect(told.map(({ lines }) => lines[0])).toEqual([
      "Warning: Slack has not confirmed the message for #ci: chat.postMessage was answered 200 in a form that is not Slack's, so it may or may not have arrived. (slack.failed)",
      "Posted `success` to #ci.",
    ]);
  });

  test.each(["Thu, 01 Jan 1970 00:00:00 GMT", "-1"])(
    "repeats no Retry-After that says nothing: %s",
    async (after) => {
      const told = await busy({ status: 429, times: 99, headers: { "retry-after": after } }).tell();
      expect(told.lines[0]).toBe(
        "Warning: Slack has not taken the message for #ci: chat.postMessage was answered 429, and there is no time left for another try. (slack.failed)",
      );
    },
  );

  test("changes a message again that was answered 504", async () => {
    const world = createSlackWorld();
    await world.tell({ thread: "a", message: "start" });
    await world.host.clock.sleep(2000);
    world.model.fail({ call: "chat.update", after: "accepted", status: 504 });
    const told = await world.tell({ thread: "a", message: "start" });
    expect([told.exit, told.calls]).toEqual([0, ["chat.update 504", "chat.update 200"]]);
  });
});
