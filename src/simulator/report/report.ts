import type { JobStatus, PipelineState, WorkflowStatus } from "../../circleci/status.ts";
import type { ParameterValue } from "../compiler/compiled-config.ts";
import type { StepStatus } from "../engine/job-runner.ts";

/** What `circleback simulate run --json` writes. Times are ISO 8601 in UTC, or null where there is none yet. */

export type Outcome =
  | "success"
  | "failed"
  | "error"
  | "unauthorized"
  | "canceled"
  | "on_hold"
  | "not_run"
  | "timed_out";

export interface Report {
  readonly outcome: Outcome;
  /** When the run began and ended: what `at_ms` counts from, and where the time axis stops. */
  readonly started_at: string;
  readonly stopped_at: string;
  /** Faults and events of the scenario that never fired, as the scenario wrote them. */
  readonly unused: { readonly faults: readonly unknown[]; readonly events: readonly unknown[] };
  readonly pipelines: readonly PipelineReport[];
  readonly requests: readonly RequestReport[];
}

export interface PipelineReport {
  readonly project: string;
  readonly number: number;
  readonly id: string;
  readonly state: PipelineState;
  readonly errors: readonly { readonly type: string; readonly message: string }[];
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly trigger: { readonly type: string; readonly actor: string; readonly received_at: string };
  readonly branch: string | null;
  readonly workflows: readonly WorkflowReport[];
}

export interface WorkflowReport {
  readonly id: string;
  readonly name: string;
  readonly tag: "setup" | null;
  readonly status: WorkflowStatus;
  readonly created_at: string;
  readonly stopped_at: string | null;
  readonly jobs: readonly JobReport[];
}

export interface JobReport {
  readonly id: string;
  readonly name: string;
  readonly type: "build" | "approval" | "no-op";
  readonly status: JobStatus;
  readonly number: number | null;
  readonly started_at: string | null;
  readonly stopped_at: string | null;
  /** Login. */
  readonly approved_by: string | null;
  /** Seconds for which CircleCI would charge: 0 for approval and no-op jobs. */
  readonly compute_seconds: number;
  readonly artifacts: readonly { readonly path: string; readonly file: string }[];
  readonly steps: readonly StepReport[];
}

export interface StepReport {
  readonly name: string;
  readonly status: StepStatus;
  readonly exit_code: number | null;
  /** Unmasked, so that leaks can be tested; the HTML report masks. */
  readonly output: string;
}

export interface RequestReport {
  /** Milliseconds since the run began. */
  readonly at_ms: number;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null: the connection was cut. */
  readonly status: number | null;
  /** Id of the job that called, where the caller is one. */
  readonly job: string | null;
  /** Place of the fault in the scenario that met this request. */
  readonly fault: number | null;
}
