import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { marks } from "../../src/protocol/callback-note.ts";
import { runBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { parameterVariables } from "../support/service.ts";
import { openSlack } from "../support/slack.ts";
import { outline } from "../support/slack-model/outline.ts";
import { botToken, type Fault } from "../support/slack-model/slack-model.ts";
import type { startSlack } from "../support/slack-model/slack-server.ts";

/** The built program with nothing but environment variables, before the model of Slack. */

type Texts = Readonly<Record<string, string>>;

interface Row {
  readonly env?: Texts;
  readonly parameters?: Texts;
  readonly files?: Texts;
  readonly slack?: Parameters<typeof startSlack>[0];
  readonly faults?: readonly Fault[];
  /** The token stays unset, and the webhook is there. */
  readonly webhook?: "good" | "removed";
}

const failed = { [`${marks.folder}/${marks.failed}`]: "" };

async function tell({ env, parameters, files, slack: options, faults = [], webhook }: Row) {
  const slack = await openSlack(options);
  for (const fault of faults) slack.fail(fault);
  const directory = makeFolder(files);
  const variables = await parameterVariables("slack-notify", { "slack-host": slack.url, ...parameters });
  const secrets =
    webhook === undefined
      ? { SLACK_ACCESS_TOKEN: botToken, SLACK_DEFAULT_CHANNEL: "#ci" }
      : { SLACK_WEBHOOK: webhook === "good" ? slack.webhook : `${slack.webhook}-old` };
  const result = await runBundle(
    "slack-notify",
    {
      PATH: process.env.PATH ?? "",
      CIRCLE_JOB: "test",
      CIRCLE_BRANCH: "develop",
      ...secrets,
      ...variables,
      ...env,
    },
    directory,
  );
  const output = `${result.stdout}${result.stderr}`;
  expect(output).not.toMatch(/xoxb-\d|the-secret-of-the-webhook|T0AB12CD3/);
  return { ...result, slack, directory };
}

const channels = { ci: {}, ops: {} };

describe.concurrent("slack-notify", () => {
  test.each<[string, Row, string, readonly string[]]>([
    ["tells that all is well", {}, "Posted `success` to #ci.\n", ["chat.postMessage 200"]],
    [
      "tells that the job has failed",
      { files: failed },
      "Posted `failure` to #ci.\n",
      ["chat.postMessage 200"],
    ],
    [
      "tells several channels",
      { parameters: { channels: "ci, #ops" }, slack: { channels } },
      "Posted `success` to ci.\nPosted `success` to #ops.\n",
      ["chat.postMessage 200", "chat.postMessage 200"],
    ],
    ["tells a webhook", { webhook: "good" }, "Posted `success` through the webhook.\n", ["webhook 200"]],
    [
      "comes again when Slack asks for a second",
      { faults: [{ call: "chat.postMessage", status: 429, headers: { "retry-after": "1" } }] },
      "Posted `success` to #ci.\n",
      ["chat.postMessage 429", "chat.postMessage 200"],
    ],
    ["keeps to its event", { parameters: { event: "fail" } }, "Nothing is told of a success.\n", []],
    [
      "keeps to its branches",
      { parameters: { "only-branches": "main" } },
      "Nothing is told of the branch develop.\n",
      [],
    ],
  ])("%s", async (_, row, stdout, calls) => {
    const result = await tell(row);
    expect([result.exitCode, result.stdout, result.stderr, result.slack.calls]).toEqual([
      0,
      stdout,
      "",
      calls,
    ]);
  });

  const tooLong = "x".repeat(15_000);

  test.each<[string, Row, number, string, string, readonly string[]]>([
    [
      "an unknown channel",
      { parameters: { channels: "nowhere" } },
      5,
      "slack.not-found",
      "channel_not_found: there is no such channel",
      ["chat.postMessage 200 channel_not_found"],
    ],
    [
      "a revoked token",
      { slack: { isRevoked: true } },
      3,
      "slack.unauthorized",
      "token_revoked: the token is wrong, expired or revoked",
      ["chat.postMessage 200 token_revoked"],
    ],
    [
      "invalid blocks, with their place",
      { parameters: { template: '[{"type":"divider"},{"type":"section","text":"no object"}]' } },
      2,
      "message.invalid",
      "failed to match all allowed schemas [json-pointer:/blocks/1/text]",
      ["chat.postMessage 200 invalid_blocks"],
    ],
    [
      "a message that is too long as a whole",
      {
        parameters: { template: "${LONG}" },
        env: {
          LONG: JSON.stringify(
            Array.from({ length: 5 }, () => ({ type: "section", text: { type: "mrkdwn", text: tooLong } })),
          ),
        },
      },
      2,
      "message.invalid",
      "msg_blocks_too_long: the message is too long as a whole",
      ["chat.postMessage 200 msg_blocks_too_long"],
    ],
    [
      "a Slack that is down for longer than a minute",
      { faults: [{ call: "chat.postMessage", status: 503, headers: { "retry-after": "90" } }] },
      4,
      "slack.failed",
      "was answered 503, to be asked again after 90 s",
      ["chat.postMessage 503"],
    ],
    [
      "an answer that is lost",
      { faults: [{ call: "chat.postMessage", after: "accepted" }] },
      4,
      "slack.failed",
      "so it may or may not have arrived",
      ["chat.postMessage cut"],
    ],
    [
      "a webhook that was removed",
      { webhook: "removed" },
      3,
      "slack.unauthorized",
      "no_service: the webhook was removed",
      ["webhook 404 no_service"],
    ],
  ])(
    "stays green, says it once, and is red only when strict: %s",
    async (_, row, exitCode, code, words, calls) => {
      const strict = await tell({ ...row, parameters: { ...row.parameters, strict: "1" } });
      const mild = await tell(row);
      expect([strict.exitCode, strict.errorCode, mild.exitCode, mild.errorCode, mild.slack.calls]).toEqual([
        exitCode,
        code,
        0,
        null,
        calls,
      ]);
      expect(mild.stderr.split("\n").filter((line) => line.startsWith("Warning: "))).toEqual([
        expect.stringContaining(words),
      ]);
    },
  );

  test("lets nobody who names a branch speak to the channel", async () => {
    const branch = `<!channel>\n*Deployed* "}],${"x".repeat(5000)}`;
    const { exitCode, slack } = await tell({
      files: failed,
      env: { CIRCLE_BRANCH: branch, CIRCLE_JOB: "<!here>" },
    });
    const [posted] = slack.messages;
    const shown = posted && outline(posted);
    expect([exitCode, slack.calls]).toEqual([0, ["chat.postMessage 200"]]);
    expect(shown?.find((line) => line.startsWith("*Branch*"))).toMatch(
      /^\*Branch\*: "<!channel> \*Deployed\* \\"}],x{200,}…"$/,
    );
    expect([posted?.text, ...(shown ?? [])].filter((line) => /<!/.test(line ?? ""))).toEqual([
      expect.stringMatching(/^\*Branch\*: "/),
      '*Job*: "<!here>"',
    ]);
  });

  test("keeps where its message is, and goes on with it", async () => {
    const first = await tell({ parameters: { thread: "release", message: "start" } });
    const kept = join(first.directory, ".circleback/slack");
    const { slack, directory } = first;
    const variables = await parameterVariables("slack-notify", {
      thread: "release",
      "slack-host": slack.url,
    });
    const env = { PATH: "", SLACK_ACCESS_TOKEN: botToken, SLACK_DEFAULT_CHANNEL: "#ci", ...variables };
    const { exitCode, stdout } = await runBundle("slack-notify", env, directory);
    const [message, answer] = slack.messages;
    expect([exitCode, stdout, readdirSync(kept), message?.edits, answer?.thread]).toEqual([
      0,
      "Updated the message in #ci to `success`.\n",
      ["release.job-0.json"],
      1,
      message?.ts,
    ]);
    expect(message && outline(message)[0]).toBe(":white_check_mark: *Build has succeeded*");
  });
});
