import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { runLoop } from "../support/loop.ts";
import { statuses, stepsOf } from "../support/simulator.ts";
import { openSlack } from "../support/slack.ts";
import { outline } from "../support/slack-model/outline.ts";
import { botToken } from "../support/slack-model/slack-model.ts";

const secrets = (extra: object = {}) =>
  stringify({
    contexts: {
      slack: {
        SLACK_ACCESS_TOKEN: botToken,
        SLACK_DEFAULT_CHANNEL: "ci",
        CIRCLE_TOKEN: "token-of-the-release-bot",
        ...extra,
      },
    },
  });

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** The example as users read it, but for where Slack is, and what the jobs test. */
function example(workflow: string, slackHost: string, script: string): string {
  const file = join(import.meta.dirname, "../../orb/examples/slack.yml");
  const text = readFileSync(file, "utf8")
    .replaceAll("npm ci && npm test", script)
    .replaceAll(/( +)(message|event|result-of): /g, `$1slack-host: ${slackHost}\n$1$2: `);
  const { usage } = parse(text);
  const config = { ...usage, workflows: { [workflow]: usage.workflows[workflow] } };
  return stringify(config).replace("acme/circleback@1.0", "acme/circleback@1");
}

describe.concurrent("slack-notify in the packed orb", () => {
  test("tells in one message how a workflow starts and ends, with the failed job in its thread", async () => {
    const slack = await openSlack();
    const report = await runLoop(
      { "gh/acme/app": example("release", slack.url, "sleep 1; exit 1") },
      secrets(),
    );
    expect(statuses(report)["gh/acme/app#1"]).toEqual({
      release: {
        status: "failed",
        jobs: { "tell-start": "success", test: "failed", "tell-result": "success" },
      },
    });
    expect(slack.calls).toEqual(["chat.postMessage 200", "chat.update 200", "chat.postMessage 200"]);
    const [message, answer] = slack.messages;
    expect([message?.edits, message && outline(message)[0], answer?.thread]).toEqual([
      1,
      ":x: *Workflow release has failed*",
      message?.ts,
    ]);
    expect(answer && outline(answer)).toEqual([
      ":x: *Workflow release has failed*",
      expect.stringMatching(/^\*Failed jobs\*\n• <http\S+\|test> failed$/),
      expect.stringContaining('["View workflow"] '),
      "<!here>",
    ]);
  });

  test("posts a message of the user's own at the beginning, and another if the job fails", async () => {
    const slack = await openSlack();
    await runLoop({ "gh/acme/app": example("own-messages", slack.url, "sleep 1; exit 3") }, secrets());
    expect(slack.messages.map(outline)).toEqual([
      [
        "*Build has started*! :crossed_fingers:",
        "(https://media.giphy.com/media/3orieTfp1MeFLiBQR2/giphy.gif CircleCI logo)",
        expect.stringMatching(/^\*Project\*:\nacme\/app: \*When\*:\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
        "*Branch*:\nmain: *Author*:\ndeveloper",
        expect.stringContaining('["View Workflow"] '),
      ],
      ["*Tests failed, run for your life*! :fearful:"],
    ]);
  });

  test("says nothing at the end of a job that succeeds, where it is to tell of failures", async () => {
    const slack = await openSlack();
    await runLoop({ "gh/acme/app": example("own-messages", slack.url, "echo fine") }, secrets());
    expect(slack.calls).toEqual(["chat.postMessage 200"]);
  });

  test("knows in its last step that the job has failed, and leaves it failed", async () => {
    const slack = await openSlack();
    const config = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  test:
    ${docker}
    steps:
      - run: exit 1
      - circleback/slack-notify: { slack-host: "${slack.url}", channels: "#ci, ops" }
workflows:
  ci: { jobs: [test: { context: slack }] }
`;
    const report = await runLoop({ "gh/acme/app": config }, secrets());
    expect([statuses(report)["gh/acme/app#1"]?.ci?.jobs, slack.messages.map(({ text }) => text)]).toEqual([
      { test: "failed" },
      ["Build has failed: acme/app, main", "Build has failed: acme/app, main"],
    ]);
  });

  test("fails neither job nor workflow when Slack refuses, and persists all the same", async () => {
    const slack = await openSlack({ isRevoked: true });
    const config = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  test:
    ${docker}
    steps:
      - circleback/slack-notify: { slack-host: "${slack.url}", message: start, thread: release }
workflows:
  ci:
    jobs:
      - test: { context: slack }
      - circleback/slack-notify:
          name: tell
          slack-host: "${slack.url}"
          thread: release
          context: slack
          requires: [test]
`;
    const report = await runLoop({ "gh/acme/app": config }, secrets());
    expect([statuses(report)["gh/acme/app#1"], slack.calls]).toEqual([
      { ci: { status: "success", jobs: { test: "success", tell: "success" } } },
      ["chat.postMessage 200 token_revoked", "chat.postMessage 200 token_revoked"],
    ]);
    const told = stepsOf(report, "tell").find(({ name }) => name === "Tell Slack");
    expect([told?.exit_code, told?.output.includes(botToken)]).toEqual([0, false]);
  });
});
