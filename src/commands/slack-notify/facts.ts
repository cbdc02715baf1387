import { workflowRunUrl } from "../../circleci/links.ts";
import { type Release, versionAfterRollback } from "../../delivery/read-releases.ts";
import type { Environment } from "../../host/host.ts";
import { formatDuration } from "../../protocol/poll.ts";
import { cut, flatten } from "../../slack/escape.ts";
import type { Kind } from "./choose-message.ts";
import type { CommitWords } from "./describe-commit.ts";
import type { Outcome } from "./read-outcome.ts";

/** Longer ones are nothing that a reader takes in, and together they would be more than Slack takes. */
const longest = 300;

interface Sources {
  readonly kind: Kind;
  readonly env: Environment;
  readonly origin: string;
  readonly outcome: Outcome;
  readonly release: Release | null;
  readonly commit: CommitWords | null;
  readonly environment: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly startedAt: number | null;
}

/** All that a message can tell, each a line of text, and empty where it is not known. */
export function gatherFacts(sources: Sources) {
  const { kind, env, outcome, release, commit, now } = sources;
  const running = release !== null && kind === "rolled-back" ? versionAfterRollback(release) : release;
  const facts = {
    message: kind,
    result: outcome.result,
    project: [env.CIRCLE_PROJECT_USERNAME, env.CIRCLE_PROJECT_REPONAME].filter(Boolean).join("/"),
    branch: env.CIRCLE_BRANCH ?? "",
    tag: env.CIRCLE_TAG ?? "",
    commit: (env.CIRCLE_SHA1 ?? "").slice(0, 7),
    subject: commit?.subject ?? "",
    author: commit?.author ?? env.CIRCLE_USERNAME ?? "",
    job: env.CIRCLE_JOB ?? "",
    workflow: outcome.workflow ?? "",
    version: running?.version ?? "",
    image: running?.image ?? "",
    digest: running?.digest ?? "",
    environment: sources.environment || (release?.environment ?? ""),
    when: `${new Date(now).toISOString().slice(0, 19).replace("T", " ")} UTC`,
    duration: describeDuration(sources),
    "failed-jobs": outcome.failed.map(({ name, status }) => `${name} ${status}`).join(", "),
    "job-url": env.CIRCLE_BUILD_URL ?? "",
    "workflow-url": workflowRunUrl(sources.origin, env.CIRCLE_WORKFLOW_ID ?? ""),
  };
  const lines = Object.entries(facts).map(([name, text]) => [name, cut(flatten(text), longest)] as const);
  return Object.fromEntries(lines) as Readonly<typeof facts>;
}

export type Facts = ReturnType<typeof gatherFacts>;

function describeDuration({ kind, release, now, startedAt }: Sources): string {
  if (kind === "start") return "";
  if (kind === "deployed" || kind === "rolled-back") {
    const duration = Date.parse(release?.finishedAt ?? "") - Date.parse(release?.startedAt ?? "");
    if (!Number.isNaN(duration)) return formatDuration(duration);
  }
  return startedAt === null ? "" : formatDuration(now - startedAt);
}
