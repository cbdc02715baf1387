import type { WorkflowStatus } from "../../circleci/status.ts";
import type { Pipeline, Workflow } from "../engine/state.ts";
import type { Outcome } from "./report.ts";

const worstFirst: readonly Outcome[] = [
  "timed_out",
  "error",
  "failed",
  "unauthorized",
  "canceled",
  "on_hold",
  "not_run",
  "success",
];

/** What became of the first trigger; null stands for a trigger that made no pipeline. */
export function decideOutcome(pipeline: Pipeline | null, timedOut: boolean): Outcome {
  if (timedOut) return "timed_out";
  if (pipeline === null) return "not_run";
  if (pipeline.state === "errored") return "error";
  const reached = newestRuns(pipeline.workflows).map((workflow) => outcomeOf(workflow.status));
  return worstFirst.find((outcome) => reached.includes(outcome)) ?? "not_run";
}

/** 0 for success, 8 for a run that timed out, 1 for everything else. */
export function exitCodeOf(outcome: Outcome): 0 | 1 | 8 {
  if (outcome === "success") return 0;
  return outcome === "timed_out" ? 8 : 1;
}

/** A rerun takes the place of the run that it repeats; setup workflows do not count. */
function newestRuns(workflows: readonly Workflow[]): readonly Workflow[] {
  const newest = new Map<string, Workflow>();
  for (const workflow of workflows) {
    if (workflow.tag === "setup") continue;
    const known = newest.get(workflow.name);
    if (known === undefined || workflow.createdAt >= known.createdAt) newest.set(workflow.name, workflow);
  }
  return [...newest.values()];
}

/** At rest no workflow is under way: one that is was cut short. */
function outcomeOf(status: WorkflowStatus): Outcome {
  switch (status) {
    case "failing":
      return "failed";
    case "running":
    case "queued":
      return "timed_out";
    default:
      return status;
  }
}
