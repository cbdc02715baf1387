import { matchesAny } from "./glob.ts";

/** What a verdict needs to know of a workflow. */
export interface JudgedWorkflow {
  readonly id: string;
  readonly name: string;
  readonly status: string | null;
  readonly tag: string | null;
  readonly created_at: string;
  readonly stopped_at: string | null;
  readonly auto_rerun_number: number;
  readonly max_auto_reruns: number;
}

/** How a workflow can end, worst first. */
const endings = ["error", "failed", "unauthorized", "canceled", "not_run", "success"] as const;
export type Ending = (typeof endings)[number];

export interface Verdict<W extends JudgedWorkflow> {
  /** Null while any workflow that counts is still under way; else the worst of their ends. */
  readonly result: Ending | null;
  /** The newest run of each workflow that counts. */
  readonly workflows: readonly W[];
  /** Patterns that fit no workflow, although all have ended. */
  readonly unmatched: readonly string[];
}

export interface Judgement {
  /** Globs of the workflows that count; empty: all. */
  readonly patterns: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** CircleCI repeats a failed workflow at once, if at all: a minute, and two for clocks that differ, in milliseconds. */
const rerunGrace = 180_000;

/**
 * The real result of a pipeline: what its workflows came to, each in its newest run, setup workflows left out.
 * No workflow at all is no end: the caller knows how long to wait for one.
 */
export function judge<W extends JudgedWorkflow>(all: readonly W[], { patterns, now }: Judgement): Verdict<W> {
  const newest = newestRuns(all.filter((workflow) => workflow.tag !== "setup"));
  const workflows = patterns.length === 0 ? newest : newest.filter(({ name }) => matchesAny(name, patterns));
  const isPending = (workflow: W) =>
    !isEnding(workflow.status) || (workflow.status === "failed" && isAboutToRepeat(workflow, all, now));
  const isOver =
    newest.length > 0 && (workflows.length > 0 ? !workflows.some(isPending) : !newest.some(isPending));
  const result = worstEnding(workflows.map(({ status }) => status));
  const unmatched = patterns.filter((pattern) => !newest.some(({ name }) => matchesAny(name, [pattern])));
  return { result: isOver ? (result ?? "not_run") : null, workflows, unmatched: isOver ? unmatched : [] };
}

/** Whether CircleCI runs this workflow again by itself if it fails: a rerun by hand begins no such chain. */
export function canRepeatItself(workflow: JudgedWorkflow, all: readonly JudgedWorkflow[]): boolean {
  if (workflow.auto_rerun_number >= workflow.max_auto_reruns) return false;
  return workflow.auto_rerun_number > 0 || !all.some((other) => isEarlierRun(other, workflow));
}

/** A setup workflow may bear the name of one that it has led to. */
function isEarlierRun(other: JudgedWorkflow, workflow: JudgedWorkflow): boolean {
  const isRun = other.name === workflow.name && other.tag === workflow.tag;
  return isRun && Date.parse(other.created_at) < Date.parse(workflow.created_at);
}

/** Whether a failed workflow may yet be replaced by another attempt, which CircleCI makes by itself. */
export function mayStillPass(workflow: JudgedWorkflow, all: readonly JudgedWorkflow[], now: number): boolean {
  return isEnding(workflow.status)
    ? workflow.status === "failed" && isAboutToRepeat(workflow, all, now)
    : canRepeatItself(workflow, all);
}

function isAboutToRepeat(workflow: JudgedWorkflow, all: readonly JudgedWorkflow[], now: number): boolean {
  const isRecent = workflow.stopped_at !== null && now - Date.parse(workflow.stopped_at) < rerunGrace;
  return isRecent && canRepeatItself(workflow, all);
}

/** Null where none of the statuses is an end. */
export function worstEnding(statuses: readonly (string | null)[]): Ending | null {
  return endings.find((ending) => statuses.includes(ending)) ?? null;
}

/** A status that nobody has heard of is no end. */
export function isEnding(status: string | null): status is Ending {
  return endings.some((ending) => ending === status);
}

export const endingNames: readonly string[] = endings;

/** A rerun is a new workflow of the same name in the same pipeline, and replaces the older one. */
function newestRuns<W extends JudgedWorkflow>(workflows: readonly W[]): readonly W[] {
  const newest = new Map<string, W>();
  for (const workflow of workflows) {
    const other = newest.get(workflow.name);
    if (other === undefined || Date.parse(workflow.created_at) > Date.parse(other.created_at)) {
      newest.set(workflow.name, workflow);
    }
  }
  return [...newest.values()];
}
