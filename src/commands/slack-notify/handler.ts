import { judgeDelivery, type Release, readRelease } from "../../delivery/read-releases.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { fitMessage } from "../../slack/fit-message.ts";
import type { Message } from "../../slack/message.ts";
import { describeUndelivered, Undelivered } from "../../slack/undelivered.ts";
import { createSlackApi } from "../../slack/web-api.ts";
import { postToWebhook } from "../../slack/webhook.ts";
import { chooseMessage, type Kind } from "./choose-message.ts";
import { addMentions, type Composed, composeDetails, composeMessage, summarize } from "./compose-message.ts";
import type { NotifyInput } from "./definition.ts";
import { deliver } from "./deliver.ts";
import { describeCommit } from "./describe-commit.ts";
import { gatherFacts } from "./facts.ts";
import { cutBlocks, fillTemplate, readTemplate } from "./fill-template.ts";
import { findObstacle } from "./filters.ts";
import { type Kept, readKept, writeKept } from "./kept-message.ts";
import { type Outcome, readOutcome } from "./read-outcome.ts";
import { describeDone, explainProblems } from "./report.ts";

/** All of it, in milliseconds. */
const patience = 60_000;

export async function slackNotify(input: NotifyInput, unlimited: Host): Promise<void> {
  const host = { ...unlimited, deadline: unlimited.clock.now() + patience };
  const obstacle = findObstacle(input, host.env);
  if (obstacle !== null) return host.log.info(`Nothing is told of the ${obstacle}.`);
  const own = await readOutcome(input, host);
  const isOfDelivery = input.message === "deployed" || input.message === "rolled-back";
  const delivered = isOfDelivery ? await readRelease(host, input.release) : null;
  const standing = delivered && judgeDelivery(delivered);
  const hasFailed = standing === "undone" || standing === "failed";
  const outcome: Outcome = hasFailed ? { ...own, result: "failure" } : own;
  const kind = chooseMessage(input, outcome.result, standing);
  if (kind === null) return host.log.info(`Nothing is told of a ${outcome.result}.`);

  const kept = input.thread === "" ? null : await readKept(host.files, input.thread);
  const release = isOfDelivery ? delivered : await readRelease(host, input.release);
  const { message, details } = await write(input, host, { kind, outcome, kept, release });
  const { slackToken, webhook } = input;
  if (slackToken.value === null && webhook.value !== null) {
    if (input.thread !== "")
      host.log.warn("An incoming webhook cannot go on with a message: this is a new one.");
    await throughWebhook(host, webhook.value, addMentions(message, input.mentions));
    return host.log.info(`Posted \`${kind}\` through the webhook.`);
  }
  await throughApi(input, host, kind, { message, details }, kept);
}

interface Known {
  readonly kind: Kind;
  readonly outcome: Outcome;
  readonly kept: Kept | null;
  readonly release: Release | null;
}

async function write(
  input: NotifyInput,
  host: Host,
  { kind, outcome, kept, release }: Known,
): Promise<{ readonly message: Message; readonly details: Message }> {
  const facts = gatherFacts({
    kind,
    env: host.env,
    origin: input.host,
    outcome,
    release,
    commit: await describeCommit(host),
    environment: input.environmentName,
    now: host.clock.now(),
    startedAt: outcome.startedAt ?? kept?.startedAt ?? null,
  });
  const composed: Composed = { kind, facts, outcome, picture: input.picture };
  const details = composeDetails(composed);
  const template = await readTemplate(input, host);
  if (template === null) return { message: composeMessage(composed), details };
  const filled = fillTemplate(template, facts, summarize(composed));
  return { message: cutBlocks(filled, input.mentions === "" ? 0 : 1, host.log), details };
}

async function throughWebhook(
  host: Host,
  address: Parameters<typeof postToWebhook>[1],
  message: Message,
): Promise<void> {
  try {
    await postToWebhook(host, address, fitMessage(message));
  } catch (error) {
    if (!(error instanceof Undelivered)) throw error;
    throw new UserError(error.code, `${describeUndelivered(error)} the message: ${error.message}.`, {
      hints: [error.remedy],
    });
  }
}

async function throughApi(
  input: NotifyInput,
  host: Host,
  kind: Kind,
  { message, details }: { readonly message: Message; readonly details: Message },
  kept: Kept | null,
): Promise<void> {
  const { slackToken, webhook, channels, thread, mentions } = input;
  if (slackToken.value === null) {
    throw new UserError(
      "slack.unauthorized",
      `Neither ${slackToken.variable} nor ${webhook.variable} is set, so Slack is told nothing.`,
      {
        hints: [
          `Put the token of a Slack app's bot into ${slackToken.variable}, best in a context that this job lists under \`context:\`.`,
          "A pipeline of a forked pull request gets no secrets.",
        ],
      },
    );
  }
  if (channels.length === 0) {
    throw new UserError("parameter.invalid", "There is no channel to tell it.", {
      hints: ["Give `channels`, or set SLACK_DEFAULT_CHANNEL beside the token."],
    });
  }
  const api = createSlackApi(host, input.slackHost, slackToken.value);
  const letter = {
    message: fitMessage(addMentions(message, mentions)),
    update: fitMessage(message),
    details: kind === "start" ? null : fitMessage(addMentions(details, mentions)),
  };
  const deliveries = await Promise.all(
    channels.map((channel) => deliver(api, channel, letter, kept?.messages.get(channel) ?? null)),
  );
  for (const delivery of deliveries) {
    const sentence = describeDone(delivery, kind);
    if (sentence !== null) host.log.info(sentence);
  }
  const problem = explainProblems(deliveries);
  if (thread !== "") {
    const now = host.clock.now();
    const messages = deliveries.flatMap((each) => each.kept ?? []);
    const note = { thread, startedAt: kept?.startedAt ?? now, writtenAt: now, messages };
    await writeKept(host.files, note, host.env).catch((error: Error) => {
      if (problem === null) throw error;
      host.log.warn(`Where the messages are could not be kept for later jobs: ${error.message}.`);
    });
  }
  if (problem !== null) throw problem;
}
