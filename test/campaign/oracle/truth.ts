import type { Job, Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import type { Findings } from "./findings.ts";

/** How a workflow can end, the worst first: thought out once more, so that the code under test does not judge itself. */
const worstFirst = ["error", "failed", "unauthorized", "canceled", "not_run", "success"];

const badEnds = ["failed", "infrastructure_fail", "timedout", "unauthorized", "canceled"];

/** The newest run of every workflow, as the engine made them one after the other; the setup workflow is none. */
export function newestRuns({ workflows }: Pipeline): readonly Workflow[] {
  const newest = new Map<string, Workflow>();
  for (const workflow of workflows) if (workflow.tag === null) newest.set(workflow.name, workflow);
  return [...newest.values()];
}

/** Those of the workflows that count. */
export function countingRuns(pipeline: Pipeline, patterns: readonly string[]): readonly Workflow[] {
  const all = newestRuns(pipeline);
  return patterns.length === 0 ? all : all.filter(({ name }) => patterns.some((each) => fits(name, each)));
}

export interface Standard {
  /** Names of workflows that count, with `*`; none: all. */
  readonly patterns: readonly string[];
  /** A workflow in which nothing but callbacks has failed counts as a success, unless that kept a job from its end. */
  readonly forgives: boolean;
}

/** How a pipeline has ended, or null while it has not. */
export function truthOf(
  record: Findings,
  pipeline: Pipeline,
  { patterns, forgives }: Standard,
): string | null {
  const counting = countingRuns(pipeline, patterns);
  if (counting.length === 0 || counting.some(({ stoppedAt }) => stoppedAt === null)) return null;
  const ends = counting.map((workflow) => {
    const bad = workflow.jobs.filter(({ status }) => badEnds.includes(status));
    const isForgiven = forgives && bad.length > 0 && bad.every((job) => record.isOnlyCallback(job));
    const isGivenUp = workflow.status === "canceled" && workflow.canceledBy !== null;
    const isHeldUp = workflow.jobs.some((job) => job.status !== "success" && comesAfter(job, bad));
    return isForgiven && !isGivenUp && !isHeldUp ? "success" : workflow.status;
  });
  return worstFirst.find((end) => ends.some((each) => each === end)) ?? null;
}

function comesAfter({ definition }: Job, others: readonly Job[]): boolean {
  return definition.requires.some(({ job }) => others.some(({ name }) => name === job));
}

/** The pipeline will never do anything more, unless somebody makes it. */
export function isOver(pipeline: Pipeline): boolean {
  if (pipeline.state === "errored") return true;
  const isStuckInSetup =
    pipeline.state === "setup" && pipeline.workflows.every(({ stoppedAt }) => stoppedAt !== null);
  const runs = newestRuns(pipeline);
  if (runs.length === 0)
    return isStuckInSetup || (pipeline.state === "created" && pipeline.compiled !== null);
  return runs.every(({ stoppedAt }) => stoppedAt !== null);
}

/** The jobs of a pipeline that went wrong by themselves: callbacks are left out, unless a step before them failed. */
export function ownFailuresOf(record: Findings, pipeline: Pipeline): readonly Job[] {
  return newestRuns(pipeline).flatMap(({ jobs }) =>
    jobs.filter((job) => {
      const { ownFailures, lostJobs } = record.play.runner;
      if (!badEnds.includes(job.status)) return ownFailures.has(job.id);
      return (
        ownFailures.has(job.id) ||
        !record.isCallback(job) ||
        (lostJobs.has(job.id) && !record.isOnlyCallback(job))
      );
    }),
  );
}

/** The service will itself run this workflow again when it ends: it repeats what has failed, and nothing else. */
export function willRepeat({ autoRerunNumber, maxAutoReruns, rerunOf, canceledBy, jobs }: Workflow): boolean {
  const hasTries = autoRerunNumber < maxAutoReruns && (rerunOf === null || autoRerunNumber > 0);
  const failed = jobs.some(({ status }) => ["failed", "infrastructure_fail", "timedout"].includes(status));
  return hasTries && failed && canceledBy === null;
}

function fits(name: string, pattern: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.at(-1);
  return tail === undefined ? name === head : name.startsWith(head) && name.endsWith(tail);
}
