import { escapeMrkdwn } from "../../slack/escape.ts";
import { type Block, type Message, mrkdwn, plain, type Text } from "../../slack/message.ts";
import type { Kind } from "./choose-message.ts";
import type { Facts } from "./facts.ts";
import type { FailedJob, Outcome } from "./read-outcome.ts";

/** The built-in messages. What others have typed stands in them as plain text, where no markup is known. */

export interface Composed {
  readonly kind: Kind;
  readonly facts: Facts;
  readonly outcome: Outcome;
  /** Of a picture; empty: none. */
  readonly picture: string;
}

const emojis: Readonly<Record<Kind, string>> = {
  start: ":hourglass_flowing_sand:",
  success: ":white_check_mark:",
  failure: ":x:",
  hold: ":raised_hand:",
  deployed: ":rocket:",
  "rolled-back": ":rewind:",
};

export function composeMessage(composed: Composed): Message {
  const { kind, facts, outcome, picture } = composed;
  const pairs = listFacts(facts);
  const first: Block = {
    type: "section",
    text: headline(composed),
    ...(picture && { accessory: { type: "image", image_url: picture, alt_text: titleOf(composed) } }),
  };
  const tables: Block[] = [];
  // A section has ten fields at most, shown in two columns.
  for (let start = 0; start < pairs.length; start += 5) {
    tables.push({ type: "section", fields: pairs.slice(start, start + 5).flat() });
  }
  return {
    text: summarize(composed),
    blocks: [first, ...tables, ...listFailedJobs(outcome.failed), linkButton(kind, facts)],
  };
}

/** What a thread says of a change of its message. */
export function composeDetails(composed: Composed): Message {
  const { kind, facts, outcome } = composed;
  const blocks: Block[] = [
    { type: "section", text: headline(composed) },
    ...listFailedJobs(outcome.failed),
    linkButton(kind, facts),
  ];
  return { text: summarize(composed), blocks };
}

/** Those whom a message calls, as given: the one text that is markup on purpose. */
export function addMentions(message: Message, mentions: string): Message {
  if (mentions === "") return message;
  const { text, blocks } = message;
  // Where there are blocks, nobody sees the text.
  if (blocks === undefined) return { text: `${text} ${mentions}` };
  return { text, blocks: [...blocks, { type: "section", text: { type: "mrkdwn", text: mentions } }] };
}

/** For notifications, in one line. */
export function summarize(composed: Composed): string {
  const { project, branch, tag } = composed.facts;
  const place = [project, tag || branch].filter(Boolean).join(", ");
  return escapeMrkdwn(place === "" ? titleOf(composed) : `${titleOf(composed)}: ${place}`);
}

function titleOf({ kind, facts, outcome }: Composed): string {
  const what = outcome.workflow === null ? "Build" : `Workflow ${facts.workflow}`;
  const { version, environment } = facts;
  switch (kind) {
    case "start":
      return `${what} has started`;
    case "success":
      return `${what} has succeeded`;
    case "failure":
      // No job has failed: it is the record that tells of it.
      if (outcome.failed.length === 0) {
        return `Delivery${version && ` of ${version}`}${environment && ` to ${environment}`} has failed`;
      }
      return outcome.failed.every(({ status }) => status === "canceled")
        ? `${what} was cancelled`
        : `${what} has failed`;
    case "hold":
      return "Waiting for approval";
    case "deployed":
      return `Deployed${version && ` ${version}`}${environment && ` to ${environment}`}`;
    case "rolled-back":
      return `Rolled back${environment && ` ${environment}`}${version && ` to ${version}`}`;
  }
}

function headline(composed: Composed): Text {
  return mrkdwn(`${emojis[composed.kind]} *${escapeMrkdwn(titleOf(composed))}*`);
}

function listFacts(facts: Facts): readonly (readonly [Text, Text])[] {
  const { commit, subject, version, image, digest } = facts;
  const rows = {
    Project: facts.project,
    Branch: facts.branch,
    Tag: facts.tag,
    Commit: [commit, subject].filter(Boolean).join(" "),
    Author: facts.author,
    Job: facts.workflow === "" ? facts.job : "",
    Version: version,
    Image: image || digest,
    Environment: facts.environment,
    When: facts.when,
    Duration: facts.duration,
  };
  return Object.entries(rows)
    .filter(([, value]) => value !== "")
    .map(([label, value]) => [mrkdwn(`*${label}*`), plain(value)] as const);
}

/** So many are listed by name. */
const mostJobs = 15;

function listFailedJobs(failed: readonly FailedJob[]): readonly Block[] {
  if (failed.length === 0) return [];
  const lines = failed.slice(0, mostJobs).map(({ name, status, url }) => {
    const words = escapeMrkdwn(name.slice(0, 80));
    return `\u2022 ${url === null ? words : `<${url}|${words}>`} ${status}`;
  });
  const left = failed.length - mostJobs;
  if (left > 0) lines.push(`\u2022 and ${left} more`);
  return [{ type: "section", text: mrkdwn(["*Failed jobs*", ...lines].join("\n")) }];
}

function linkButton(kind: Kind, facts: Facts): Block {
  const url = facts["workflow-url"];
  if (kind === "hold") {
    return {
      type: "actions",
      elements: [{ type: "button", text: plain("Review and approve"), url, style: "primary" }],
    };
  }
  return { type: "actions", elements: [{ type: "button", text: plain("View workflow"), url }] };
}
