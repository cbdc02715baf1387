import { describe, expect, test } from "vitest";
import { outline } from "../../support/slack-model/outline.ts";
import { webhookPath } from "../../support/slack-model/slack-model.ts";
import { createSlackWorld } from "./slack-world.ts";

const address = `https://hooks.slack.com${webhookPath}`;
const hook = { SLACK_ACCESS_TOKEN: "", SLACK_WEBHOOK: address };

test("posts the same message through an incoming webhook, which takes no channel", async () => {
  const world = createSlackWorld({ env: { ...hook, SLACK_DEFAULT_CHANNEL: "" } });
  const { exit, lines, calls } = await world.tell({ mentions: "<!here>" });
  expect([exit, lines, calls, world.model.messages.map((each) => outline(each).at(-1))]).toEqual([
    0,
    ["Posted `success` through the webhook."],
    ["webhook 200"],
    ["<!here>"],
  ]);
});

test("prefers the token, which can do more", async () => {
  const world = createSlackWorld({ env: { SLACK_WEBHOOK: address } });
  expect((await world.tell()).calls).toEqual(["chat.postMessage 200"]);
});

test("says that a webhook cannot go on with a message", async () => {
  const world = createSlackWorld({ env: hook });
  expect((await world.tell({ thread: "release" })).lines).toEqual([
    "Warning: An incoming webhook cannot go on with a message: this is a new one.",
    "Posted `success` through the webhook.",
  ]);
});

test("posts no second time what a proxy answers with 502", async () => {
  const world = createSlackWorld({ env: hook });
  world.model.fail({ call: "webhook", after: "accepted", status: 502 });
  const { exit, lines, calls } = await world.tell();
  expect([exit, lines[0], calls, world.model.messages.length]).toEqual([
    0,
    "Warning: Slack has not confirmed the message: The incoming webhook was answered 502, so it may or may not have arrived. (slack.failed)",
    ["webhook 502"],
    1,
  ]);
});

test.each(["<html>Log in to the Wi-Fi</html>", '{"ok":false}', "", "no_service"])(
  "does not take for Slack's what somebody else answers with 200: %s",
  async (body) => {
    const world = createSlackWorld({ env: hook });
    world.model.fail({ call: "webhook", status: 200, body });
    const { exit, lines, calls } = await world.tell({ strict: "1" });
    expect([exit, lines[0], calls.length]).toEqual([
      4,
      "Error: Slack has not confirmed the message: The incoming webhook was answered 200 in a form that is not Slack's, so it may or may not have arrived. (slack.failed)",
      1,
    ]);
  },
);

describe("never shows the address of a webhook", () => {
  test.each([
    [
      "that was removed",
      { env: { ...hook, SLACK_WEBHOOK: `${address}-old` } },
      "was answered no_service: the webhook was removed or is switched off",
    ],
    ["without a network", { env: hook, isCut: "ENOTFOUND" }, "got no answer: broken: ENOTFOUND"],
    [
      "of an archived channel",
      { env: hook, channels: { ci: { isArchived: true } } },
      "was answered channel_is_archived: the channel is archived",
    ],
  ])("%s", async (_, options, sentence) => {
    const { exit, lines } = await createSlackWorld(options).tell({ strict: "1" });
    expect(lines[0]).toContain(
      `Error: Slack has not taken the message: The incoming webhook ${sentence}. (slack.`,
    );
    expect(exit).toBeGreaterThan(2);
    expect(lines.join("\n")).not.toMatch(/the-secret-of-the-webhook|T0AB12CD3/);
  });

  test.each([address, webhookPath])("which an error of the network quotes as %s", async (quoted) => {
    const { lines } = await createSlackWorld({ env: hook, isCut: `ENOTFOUND ${quoted}` }).tell();
    expect(lines[0]).toContain("got no answer: broken: ENOTFOUND [secret]");
  });

  test("that is no address", async () => {
    const env = { ...hook, SLACK_WEBHOOK: "hooks.slack.com/services/T0AB12CD3" };
    const { exit, lines } = await createSlackWorld({ env }).tell({ strict: "1" });
    expect([exit, lines[0]]).toEqual([
      3,
      "Error: Slack has not taken the message: The webhook's variable holds no https address. (slack.unauthorized)",
    ]);
    expect(lines.join("\n")).not.toContain("T0AB12CD3");
  });

  test("whose answer is not Slack's", async () => {
    const world = createSlackWorld({ env: hook });
    world.model.fail({ call: "webhook", status: 403, error: `<html>${address} is blocked` });
    const { lines } = await world.tell();
    expect(lines[0]).toBe(
      "Warning: Slack has not taken the message: The incoming webhook was answered 403. (slack.failed)",
    );
  });
});
