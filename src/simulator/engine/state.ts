import type { JobStatus, PipelineState, WorkflowStatus } from "../../circleci/status.ts";
import type { CompiledConfig, CompiledWorkflowJob, ParameterValue } from "../compiler/compiled-config.ts";
import type { ArtifactFile, StepProgress } from "./job-runner.ts";

/** The whole world of the simulator as plain data. Only the engine changes it; times are milliseconds since 1970. */

export interface User {
  readonly id: string;
  readonly login: string;
}

export interface Project {
  readonly slug: string;
  readonly id: string;
  readonly organizationId: string;
  /** The first is the default branch. */
  readonly branches: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface Context {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** Logins whose jobs may use it; null: everybody's. */
  readonly allow: readonly string[] | null;
}

export interface Pipeline {
  readonly id: string;
  readonly number: number;
  readonly project: Project;
  state: PipelineState;
  errors: {
    readonly type: "config" | "config-fetch" | "timeout" | "permission" | "other" | "plan";
    readonly message: string;
  }[];
  /** As given by the trigger, before defaults. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** All pipeline values and parameters, once the configuration has compiled. */
  values: Readonly<Record<string, ParameterValue>>;
  readonly trigger: {
    readonly type: "api" | "webhook" | "explicit" | "scheduled_pipeline";
    readonly actor: User;
    readonly receivedAt: number;
  };
  readonly branch: string | null;
  readonly tag: string | null;
  readonly revision: string;
  readonly createdAt: number;
  updatedAt: number;
  source: string;
  compiled: CompiledConfig | null;
  setupSource: string | null;
  compiledSetup: CompiledConfig | null;
  /** Single use; null once used or where there is no setup workflow. */
  continuationKey: string | null;
  readonly workflows: Workflow[];
}

export interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly tag: "setup" | null;
  status: WorkflowStatus;
  readonly startedBy: User;
  canceledBy: User | null;
  readonly createdAt: number;
  stoppedAt: number | null;
  /** 0 for a first run and for a rerun by hand. */
  readonly autoRerunNumber: number;
  readonly maxAutoReruns: number;
  /** The workflow that this one repeats. */
  readonly rerunOf: Workflow | null;
  /** Id of the first workflow of a chain of reruns from failed. */
  readonly workspaceId: string;
  readonly jobs: Job[];
}

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly workflow: Workflow;
  readonly definition: CompiledWorkflowJob;
  status: JobStatus;
  number: number | null;
  startedAt: number | null;
  stoppedAt: number | null;
  approvedBy: User | null;
  /** Whose rights the job uses for contexts: the workflow's starter, or whoever approved upstream last. */
  actor: User;
  /** One entry per step that has begun. */
  readonly steps: StepProgress[];
  readonly artifacts: ArtifactFile[];
}
