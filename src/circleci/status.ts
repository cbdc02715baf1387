/**
 * The status vocabulary of CircleCI's API v2, as its published reference lists it.
 * `queued` of a workflow (serial groups) is in the documentation but not in the API's schema.
 */

export type PipelineState = "created" | "errored" | "setup-pending" | "setup" | "pending";

export type WorkflowStatus =
  | "success"
  | "running"
  | "not_run"
  | "failed"
  | "error"
  | "failing"
  | "on_hold"
  | "canceled"
  | "unauthorized"
  | "queued";

export type JobStatus =
  | "success"
  | "running"
  | "not_run"
  | "failed"
  | "retried"
  | "queued"
  | "not_running"
  | "infrastructure_fail"
  | "timedout"
  | "on_hold"
  | "terminated-unknown"
  | "blocked"
  | "canceled"
  | "unauthorized";
