import { type ErrorCode, UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Api } from "../../kubernetes/api.ts";
import { diagnose } from "../../kubernetes/diagnose.ts";
import { LostAnswer } from "../../kubernetes/lost-answer.ts";
import { showTarget, type Target } from "../../kubernetes/resources.ts";
import { rolledOutKinds } from "../../kubernetes/rollout-state.ts";
import { awaitRollouts, type Verdict } from "./await-rollout.ts";
import type { Change, Undone } from "./change.ts";
import { type Applied, undoAll } from "./undo.ts";

/** How it went with one object. */
interface Outcome {
  readonly change: Change;
  readonly result: "deployed" | "unchanged" | "rolled-back" | "broken" | "failed" | "unknown" | "not-started";
  /** Where it went wrong; empty where it did not. */
  readonly phase: string;
}

export interface Ending {
  readonly outcomes: readonly Outcome[];
  /** Null: all is rolled out. */
  readonly error: UserError | null;
}

interface Options {
  readonly rollback: boolean;
  readonly timeout: number;
}

/** What a cancelled job has left to put things back, in milliseconds: CircleCI ends it for good soon after. */
const lastBreath = 8_000;

/** Applies the changes, waits until they are rolled out, and undoes them where they are not. */
export async function rollOut(
  host: Host,
  api: Api,
  changes: readonly Change[],
  { rollback, timeout }: Options,
): Promise<Ending> {
  const applied: Applied[] = [];
  const calm = outlive(host);
  const failure = await attempt(host, [api, api.with(calm)], changes, timeout, applied);
  if (failure === null) {
    const outcomes = changes.map((change): Outcome => {
      return { change, result: change.words === null ? "unchanged" : "deployed", phase: "" };
    });
    return { outcomes, error: null };
  }
  for (const { target, is } of failure.verdicts) {
    if (is !== "failed" && is !== "timeout") continue;
    const change = changes.find((each) => each.target === target);
    await diagnose(host, api, target, change?.earlier ?? null);
  }
  const undone = rollback ? await undo([host, calm], api, applied, timeout) : new Map<Target, Undone>();
  const outcomes = changes.map((change) => judge(change, failure, applied, undone.get(change.target)));
  const left = changes.flatMap((change) => {
    const words = describeLeft(change, failure, applied, undone.get(change.target));
    return words === null ? [] : [`${showTarget(change.target)} ${words}.`];
  });
  const { code, message, hints, cause } = failure.error;
  return { outcomes, error: new UserError(code, [message, ...left].join("\n"), { hints, cause }) };
}

/** The host for what has to be done even if the job is cancelled, before or meanwhile: it ends a last breath later. */
function outlive(host: Host): Host {
  const over = new AbortController();
  const hurry = () => void host.clock.sleep(lastBreath, over.signal).then(() => over.abort());
  if (host.canceled.aborted) hurry();
  else host.canceled.addEventListener("abort", hurry);
  return { ...host, canceled: over.signal };
}

interface Failure {
  readonly error: UserError;
  /** The change at which applying stopped. */
  readonly at: Change | null;
  readonly verdicts: readonly Verdict[];
}

async function attempt(
  host: Host,
  [api, calm]: readonly [Api, Api],
  changes: readonly Change[],
  timeout: number,
  applied: Applied[],
): Promise<Failure | null> {
  const deadline = host.clock.now() + timeout;
  let current: Change | null = null;
  try {
    host.canceled.throwIfAborted();
    for (const change of changes.filter(({ words }) => words !== null)) {
      current = change;
      host.log.info(`Changing ${showTarget(change.target)} …`);
      applied.push({ change, after: await change.apply(api, calm) });
      host.canceled.throwIfAborted();
    }
    current = null;
    const targets = changes.map(({ target }) => target);
    const verdicts = await awaitRollouts(host, api, targets, deadline);
    const error = explainVerdicts(verdicts, timeout);
    return error === null ? null : { error, at: null, verdicts };
  } catch (error) {
    return { error: asFailure(error, host, current), at: current, verdicts: [] };
  }
}

function asFailure(error: unknown, { canceled }: Host, current: Change | null): UserError {
  if (canceled.aborted) return new UserError("job.canceled", "This job was cancelled.");
  if (!(error instanceof UserError)) throw error;
  if (current === null || !(error instanceof LostAnswer)) return error;
  return new UserError("deploy.unknown", error.message, { hints: error.hints, cause: error.cause });
}

const codes: Readonly<Record<Verdict["is"], ErrorCode>> = {
  failed: "deploy.failed",
  timeout: "wait.timeout",
  unknown: "deploy.unknown",
  waiting: "deploy.failed",
  done: "deploy.failed",
};

function explainVerdicts(verdicts: readonly Verdict[], timeout: number): UserError | null {
  const bad = ["failed", "unknown", "timeout"] as const;
  const worst = bad.find((kind) => verdicts.some(({ is }) => is === kind));
  if (worst === undefined) return null;
  const told = verdicts.filter(({ is }) => is === worst);
  const late = worst === "failed" ? "" : ` (after ${Math.round(timeout / 1000)} s)`;
  const sentences = told.map(({ target, words }) => `${showTarget(target)} ${words}${late}.`);
  const hints = {
    failed: ["Events, and the last lines of what failed, are above."],
    timeout: [
      "Events, and the last lines of what failed, are above. `timeout` says how long a roll-out may take.",
    ],
    unknown: [
      "What runs is not known here: look at it with `kubectl rollout status`, and run this job again.",
    ],
  };
  return new UserError(codes[worst], sentences.join("\n"), { hints: hints[worst] });
}

/** Puts things back, also when the job is cancelled: there is time for that, and not for waiting. */
async function undo(
  [host, calm]: readonly [Host, Host],
  api: Api,
  applied: readonly Applied[],
  timeout: number,
): Promise<ReadonlyMap<Target, Undone>> {
  if (applied.length === 0) return new Map();
  host.log.info(`Undoing ${applied.length === 1 ? "the change" : `${applied.length} changes`} …`);
  const undone = await undoAll(host, api.with(calm), applied);
  const restored = [...undone].filter(
    ([, each]) => each.result === "rolled-back" && !each.words.startsWith("is deleted"),
  );
  const targets = restored.map(([target]) => target);
  const verdicts = await awaitRestored(host, api, targets, timeout);
  return new Map(
    [...undone].map(([target, each]): [Target, Undone] => {
      const verdict = verdicts.find((one) => one.target === target);
      if (verdict === undefined) return [target, each];
      if (verdict.is === "done") return [target, { ...each, words: `${each.words}, and ${verdict.words}` }];
      const result = verdict.is === "unknown" ? "unknown" : "broken";
      return [target, { result, words: `${each.words}, but ${verdict.words}: look at it` }];
    }),
  );
}

async function awaitRestored(
  host: Host,
  api: Api,
  targets: readonly Target[],
  timeout: number,
): Promise<readonly Verdict[]> {
  try {
    host.canceled.throwIfAborted();
    return await awaitRollouts(host, api, targets, host.clock.now() + timeout);
  } catch (error) {
    if (host.canceled.aborted) return [];
    const reason = error instanceof Error ? error.message : String(error);
    return targets.map((target) => ({ target, is: "unknown", words: `cannot be looked at (${reason})` }));
  }
}

function judge(
  change: Change,
  failure: Failure,
  applied: readonly Applied[],
  undone: Undone | undefined,
): Outcome {
  const phase = failure.at === null ? "rollout" : "apply";
  if (change.words === null) return judgeUnchanged(change, failure);
  if (undone !== undefined) return { change, result: undone.result, phase };
  const isBegun = change === failure.at || applied.some((each) => each.change === change);
  return { change, result: !isBegun ? "not-started" : isUnknown(failure) ? "unknown" : "failed", phase };
}

/** What had not to be changed may still not be well, or not be known to be. */
function judgeUnchanged(change: Change, { at, verdicts }: Failure): Outcome {
  const isWatched = at === null && rolledOutKinds.includes(change.target.kind);
  const is = verdicts.find(({ target }) => target === change.target)?.is ?? (isWatched ? "unknown" : "done");
  if (is === "done") return { change, result: "unchanged", phase: "" };
  return { change, result: is === "failed" || is === "timeout" ? "failed" : "unknown", phase: "rollout" };
}

function isUnknown({ error }: Failure): boolean {
  return ["deploy.unknown", "job.canceled"].includes(error.code);
}

/** How an object is left, or null where nothing was to be done to it. */
function describeLeft(
  change: Change,
  failure: Failure,
  applied: readonly Applied[],
  undone: Undone | undefined,
): string | null {
  if (change.words === null) return null;
  if (undone !== undefined) return undone.words;
  if (applied.some((each) => each.change === change)) return "is left as it is now, changed";
  if (change !== failure.at) return "was not begun with";
  return isUnknown(failure) ? "may have been changed or not: the answer was lost" : "was not changed";
}
