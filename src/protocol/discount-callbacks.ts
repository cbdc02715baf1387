import type { Job } from "../circleci/schemas.ts";
import { isFailure } from "./job-failure.ts";
import type { ChildWorkflow } from "./show-result.ts";
import { type Ending, worstEnding } from "./verdict.ts";

/**
 * The child's own result: a workflow in which nothing but callbacks failed counts as a success, unless one of its
 * jobs never ran because of that.
 */
export function discountCallbacks(workflows: readonly ChildWorkflow[], callbacks: readonly Job[]): Ending {
  const statuses = workflows.map(({ workflow, jobs }) => {
    const failed = jobs.filter(({ status }) => isFailure(status));
    const isHeldUp = jobs.some(
      ({ status, dependencies }) =>
        status !== "success" && callbacks.some(({ id }) => dependencies.includes(id)),
    );
    const isOnlyCallback = failed.length > 0 && failed.every((job) => callbacks.includes(job)) && !isHeldUp;
    return workflow.status === "failed" && isOnlyCallback ? "success" : workflow.status;
  });
  return worstEnding(statuses) ?? "not_run";
}
