import type { CompiledJob } from "../compiler/compiled-config.ts";

/** Everything a runner needs to run one job: the engine has already resolved contexts and rights. */
export interface JobAssignment {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly definition: CompiledJob;
  readonly project: { readonly slug: string; readonly id: string; readonly organizationId: string };
  readonly pipeline: {
    readonly id: string;
    readonly number: number;
    readonly branch: string | null;
    readonly tag: string | null;
    readonly revision: string;
    /** Login of whoever the pipeline runs as. */
    readonly actor: string;
  };
  readonly workflow: { readonly id: string; readonly name: string; readonly workspaceId: string };
  /** Project environment, then contexts in their order: a later one wins. */
  readonly environment: Readonly<Record<string, string>>;
  /** Given to the jobs of a setup workflow only. */
  readonly continuationKey: string | null;
  /** Workspace layers of the upstream jobs, in the order in which they are laid over one another. */
  readonly upstreamJobIds: readonly string[];
}

export type StepStatus = "running" | "success" | "failed" | "canceled" | "timedout";

export interface StepProgress {
  /** Place in the job's list of steps, counted over all parallel nodes. */
  readonly index: number;
  readonly name: string;
  readonly status: StepStatus;
  readonly exitCode: number | null;
  /** Everything the step has printed so far, unmasked. */
  readonly output: string;
}

export interface ArtifactFile {
  /** As the API lists it, with the destination in front. */
  readonly path: string;
  /** Where the bytes are on this machine, absolute. */
  readonly file: string;
}

export interface JobListener {
  step(progress: StepProgress): void;
  artifact(artifact: ArtifactFile): void;
}

export type JobOutcome = "success" | "failed" | "timedout" | "infrastructure_fail" | "canceled";

export interface RunningJob {
  /** Never rejects: what goes wrong in the runner itself is `infrastructure_fail`. */
  readonly done: Promise<JobOutcome>;
  /** Ends the job's processes; `done` follows with `canceled`. */
  cancel(): void;
}

export interface JobRunner {
  start(assignment: JobAssignment, listener: JobListener): RunningJob;
}
