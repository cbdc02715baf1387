import type { Job } from "../circleci/schemas.ts";
import type { JobFindings } from "./job-findings.ts";
import type { ChildWorkflow } from "./show-result.ts";

export interface EarlyApproval {
  readonly hold: Job;
  /** The child's jobs that had not ended when the hold was approved. */
  readonly unfinished: readonly Job[];
}

/**
 * Whether a hold was approved before the child had ended. The jobs that call back do not count, since they
 * approve while they run; neither do workflows that were run again after the approval.
 */
export function findEarlyApproval(
  hold: Job,
  workflows: readonly ChildWorkflow[],
  findings: readonly JobFindings[],
): EarlyApproval | null {
  if (hold.status !== "success" || hold.stopped_at === null) return null;
  const approvedAt = Date.parse(hold.stopped_at);
  const callbacks = findings.filter(({ isCallback }) => isCallback).map(({ job }) => job.id);
  const unfinished = workflows
    .filter(({ workflow }) => Date.parse(workflow.created_at) < approvedAt)
    .flatMap(({ jobs }) => jobs)
    .filter(
      ({ id, stopped_at: end }) => end !== null && Date.parse(end) > approvedAt && !callbacks.includes(id),
    );
  return unfinished.length > 0 ? { hold, unfinished } : null;
}
