import type { Job, Workflow } from "../circleci/schemas.ts";
import type { ChildWorkflow } from "./show-result.ts";
import { findSkipped } from "./skipped-jobs.ts";
import { type Ending, worstEnding } from "./verdict.ts";

/**
 * The child's own result: a workflow in which nothing but callbacks failed counts as a success, unless one of its
 * jobs never ran because of that. One of which CircleCI skipped a job is none: what the job was for is not done.
 */
export function judgeJobs(workflows: readonly ChildWorkflow[], callbacks: readonly Job[]): Ending {
  const statuses = workflows.map(({ workflow, jobs }) => {
    const isHeldUp = jobs.some(
      ({ status, dependencies }) =>
        status !== "success" && callbacks.some(({ id }) => dependencies.includes(id)),
    );
    const others = jobs.filter((job) => !callbacks.includes(job));
    const isOnlyCallback = others.length < jobs.length && others.every(isInnocent) && !isHeldUp;
    const status = isOnlyCallback && !isCanceledAsWhole(workflow) ? "success" : workflow.status;
    return status === "success" && findSkipped(jobs).length > 0 ? "not_run" : status;
  });
  return worstEnding(statuses) ?? "not_run";
}

/** On some servers a job that nothing can reach any more stays blocked. A status that nobody has heard of may be the failure. */
function isInnocent({ status }: Job): boolean {
  return status === "success" || status === "not_run" || status === "blocked";
}

/** Somebody has given it up, whatever of it was left. */
function isCanceledAsWhole({ status, canceled_by: who }: Workflow): boolean {
  return status === "canceled" && who !== null;
}
