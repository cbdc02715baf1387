import * as v from "valibot";
import { type ErrorCode, UserError } from "../errors.ts";
import { showTarget, type Target } from "../ssh/target.ts";
import type { Transaction } from "./script.ts";

/** How it went on one host. */
export interface Outcome {
  readonly target: Target;
  readonly result: Result;
  /** The step at which it went wrong. */
  readonly phase: string;
  /** Names the release on the host. */
  readonly release: string;
  readonly previous: string;
  /** The version that ran before, where the host knows one. */
  readonly before: string;
  /** The version that was meant to run. */
  readonly now: string;
  /** Its image, which only the host knows of a rollback. */
  readonly image: string;
  /** Why nothing was begun there, where ssh failed. */
  readonly error: UserError | null;
}

const results = [
  "deployed",
  "rolled-back",
  "taken-down",
  "unchanged",
  "canceled",
  "refused",
  "absent",
  "broken",
  "died",
] as const;

export type Result = (typeof results)[number] | "unreachable" | "unknown" | "not-started";

const Ending = v.object({
  result: v.picklist(results),
  phase: v.string(),
  release: v.string(),
  previous: v.string(),
  before: v.string(),
  now: v.string(),
  image: v.string(),
});

/** The last word of a host, or null where it is none. */
export function readEnding(target: Target, text: string): Outcome | null {
  try {
    const { success, output } = v.safeParse(Ending, JSON.parse(text));
    return success ? { target, error: null, ...output } : null;
  } catch {
    return null;
  }
}

export function endAs(target: Target, result: Result, error: UserError | null = null): Outcome {
  return { target, result, error, phase: "", release: "", previous: "", before: "", now: "", image: "" };
}

/** What runs on the host now, as half a sentence. */
function describeResult({ result, phase, before, now }: Outcome): string {
  const old = before === "" ? "what ran before" : before;
  const asBefore = `before anything changed, ${phase === "engine" ? "but Docker does not answer any more" : `${old} stays as it is`}`;
  switch (result) {
    case "deployed":
      return `${now || "the release"} is running`;
    case "rolled-back":
      return `failed (${phase}), rolled back to ${old}`;
    case "taken-down":
      return `failed (${phase}); there was nothing before it, so it was taken down again`;
    case "unchanged":
      return `failed (${phase}) ${asBefore}`;
    case "canceled":
      return `called off ${asBefore}`;
    case "refused":
      return `refused (${phase}), nothing was begun`;
    case "absent":
      return "nothing was begun";
    case "broken":
      return `failed (${phase}), and ${old} could NOT be restored: look at it`;
    case "died":
      return "the transaction was killed on the host, or its disk is full: look at it";
    case "unreachable":
      return "not reached, nothing was begun";
    case "unknown":
      return "how it ended is not known";
    case "not-started":
      return "not started";
  }
}

const codes: Readonly<Record<string, ErrorCode>> = {
  lock: "lock.held",
  tools: "host.unfit",
  disk: "host.unfit",
  engine: "docker.unreachable",
  config: "compose.invalid",
  login: "registry.unauthorized",
  release: "release.not-found",
  expect: "release.unexpected",
};

function codeOf({ result, phase, error }: Outcome): ErrorCode {
  if (error !== null) return error.code;
  if (result === "unknown" || result === "died") return "deploy.unknown";
  const isBeforehand = result === "unchanged" || result === "refused";
  return (isBeforehand ? codes[phase] : undefined) ?? "deploy.failed";
}

const phaseHints: Readonly<Record<string, string>> = {
  tools: "The host needs Docker with Compose, and timeout; curl or wget for `probe-url`.",
  engine: "Is Docker running there, and is the user in the group `docker`?",
  lock: "Wait for it, or raise `lock-wait`. A lock is broken by itself once its time is over.",
  disk: "Make room on the host.",
  login: "Check the role or key, and `registry-login`.",
  pull: "Is the image in the registry, and may this login read it? Is there room on the host's disk?",
  health: "The last lines of what failed are above. `probe-timeout` says how long things may take.",
  probe: "Is `probe-url` right as seen from the host? `probe-timeout` says how long things may take.",
};

export function isFailure({ result }: Outcome): boolean {
  return result !== "deployed";
}

/** One error for all hosts that failed. */
export function explainFailures(
  outcomes: readonly Outcome[],
  { project, mode }: Pick<Transaction, "project" | "mode">,
): UserError {
  const failed = outcomes.filter((each) => isFailure(each) && each.result !== "not-started");
  const found = new Set(failed.map(codeOf));
  const [code = "deploy.failed"] = found;
  const left = outcomes
    .filter(({ result }) => result === "not-started")
    .map(({ target }) => showTarget(target));
  const sentences = failed.map((each) =>
    each.error === null ? `${showTarget(each.target)}: ${describeResult(each)}.` : each.error.message,
  );
  if (left.length > 0) sentences.push(`Not started: ${left.join(", ")}.`);
  const hints = failed.flatMap((each) => {
    if (each.error !== null) return each.error.hints;
    const name = showTarget(each.target);
    if (each.result === "died") {
      return [
        `\`docker ps\` on ${name} says what runs. Run this job again: it deploys, or restores what ran before.`,
      ];
    }
    if (["unknown", "broken"].includes(each.result)) {
      return [
        `On ${name}, this job's line in ~/.circleback/${project}/history.jsonl says how it ended, and \`docker ps\` what runs.`,
      ];
    }
    if (each.result === "absent") return ["Run this job again: there is nothing to undo before."];
    if (mode === "rollback" && each.phase === "pull") {
      return [
        `${name} does not have the image any more, and a rollback logs in nowhere: deploy it anew with ssh-deploy, which does (\`image: ${each.image}\`).`,
      ];
    }
    return phaseHints[each.phase] ?? [];
  });
  return new UserError(found.size > 1 ? "deploy.failed" : code, sentences.join("\n"), {
    hints: [...new Set(hints)],
  });
}

/** Every host and how it went, as lines of a table. */
export function showTable(outcomes: readonly Outcome[]): readonly string[] {
  const rows = outcomes.map((each) => ({ name: showTarget(each.target), words: describeResult(each) }));
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, words }) => `  ${name.padEnd(width)}  ${words}`);
}
