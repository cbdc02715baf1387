import type { JobStatus, WorkflowStatus } from "../../circleci/status.ts";

export interface JobView {
  readonly status: JobStatus;
  readonly serialGroup: string | null;
}

const endings: ReadonlySet<JobStatus> = new Set<JobStatus>([
  "success",
  "failed",
  "timedout",
  "infrastructure_fail",
  "terminated-unknown",
  "retried",
  "canceled",
  "unauthorized",
  "not_run",
]);

const failures: ReadonlySet<JobStatus> = new Set<JobStatus>([
  "failed",
  "timedout",
  "infrastructure_fail",
  "terminated-unknown",
]);

const workflowEndings: ReadonlySet<WorkflowStatus> = new Set<WorkflowStatus>([
  "success",
  "failed",
  "error",
  "canceled",
  "unauthorized",
  "not_run",
]);

export function hasJobEnded(status: JobStatus): boolean {
  return endings.has(status);
}

export function hasJobFailed(status: JobStatus): boolean {
  return failures.has(status);
}

export function hasWorkflowEnded(status: WorkflowStatus): boolean {
  return workflowEndings.has(status);
}

/** `canceled`: somebody has cancelled the workflow as a whole. */
export function deriveWorkflowStatus(jobs: readonly JobView[], canceled: boolean): WorkflowStatus {
  return jobs.every((job) => hasJobEnded(job.status)) ? statusAtEnd(jobs, canceled) : statusUnderway(jobs);
}

function statusUnderway(jobs: readonly JobView[]): WorkflowStatus {
  const open = jobs.filter((job) => !hasJobEnded(job.status));
  if (jobs.some((job) => hasJobFailed(job.status))) return "failing";
  if (open.some((job) => isAtWork(job))) return "running";
  if (open.some((job) => job.status === "queued")) return "queued";
  if (open.some((job) => job.status === "on_hold")) return "on_hold";
  return "running";
}

/** A job that waits for its serial group is not at work; any other queued job starts in a moment. */
function isAtWork(job: JobView): boolean {
  if (job.status === "queued") return job.serialGroup === null;
  return job.status === "running" || job.status === "not_running";
}

function statusAtEnd(jobs: readonly JobView[], canceled: boolean): WorkflowStatus {
  if (canceled) return "canceled";
  if (jobs.some((job) => hasJobFailed(job.status))) return "failed";
  if (jobs.some((job) => job.status === "unauthorized")) return "unauthorized";
  if (jobs.some((job) => job.status === "canceled")) return "canceled";
  if (jobs.some((job) => job.status === "success")) return "success";
  return "not_run";
}
