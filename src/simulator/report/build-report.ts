import type { Job, Pipeline, Workflow } from "../engine/state.ts";
import { decideOutcome } from "./outcome.ts";
import type { JobReport, PipelineReport, Report, RequestReport, WorkflowReport } from "./report.ts";

/** A run as it stands when it ends. Times are milliseconds since 1970. */
export interface FinishedRun {
  readonly pipelines: readonly Pipeline[];
  /** The pipeline of the scenario's first trigger; null when it made none. */
  readonly first: Pipeline | null;
  readonly requests: readonly RequestReport[];
  readonly unused: Report["unused"];
  readonly startedAt: number;
  readonly stoppedAt: number;
  readonly timedOut: boolean;
}

export function buildReport(run: FinishedRun): Report {
  return {
    outcome: decideOutcome(run.first, run.timedOut),
    started_at: isoTime(run.startedAt),
    stopped_at: isoTime(run.stoppedAt),
    unused: run.unused,
    pipelines: run.pipelines.map((pipeline) => reportPipeline(pipeline, run.stoppedAt)),
    requests: run.requests,
  };
}

function reportPipeline(pipeline: Pipeline, now: number): PipelineReport {
  return {
    project: pipeline.project.slug,
    number: pipeline.number,
    id: pipeline.id,
    state: pipeline.state,
    errors: pipeline.errors.map(({ type, message }) => ({ type, message })),
    parameters: { ...pipeline.parameters },
    trigger: {
      type: pipeline.trigger.type,
      actor: pipeline.trigger.actor.login,
      received_at: isoTime(pipeline.trigger.receivedAt),
    },
    branch: pipeline.branch,
    workflows: pipeline.workflows.map((workflow) => reportWorkflow(workflow, now)),
  };
}

function reportWorkflow(workflow: Workflow, now: number): WorkflowReport {
  return {
    id: workflow.id,
    name: workflow.name,
    tag: workflow.tag,
    status: workflow.status,
    created_at: isoTime(workflow.createdAt),
    stopped_at: isoTimeOrNull(workflow.stoppedAt),
    jobs: workflow.jobs.map((job) => reportJob(job, now)),
  };
}

function reportJob(job: Job, now: number): JobReport {
  return {
    id: job.id,
    name: job.name,
    type: job.definition.type,
    status: job.status,
    number: job.number,
    started_at: isoTimeOrNull(job.startedAt),
    stopped_at: isoTimeOrNull(job.stoppedAt),
    approved_by: job.approvedBy?.login ?? null,
    compute_seconds: computeSeconds(job, now),
    artifacts: job.artifacts.map(({ path, file }) => ({ path, file })),
    steps: job.steps.map((step) => ({
      name: step.name,
      status: step.status,
      exit_code: step.exitCode,
      output: step.output,
    })),
  };
}

/** For how long a build job ran, to the millisecond: an approval or no-op job occupies no machine. */
function computeSeconds(job: Job, now: number): number {
  if (job.definition.type !== "build" || job.startedAt === null) return 0;
  return Math.max(0, (job.stoppedAt ?? now) - job.startedAt) / 1000;
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}

function isoTimeOrNull(time: number | null): string | null {
  return time === null ? null : isoTime(time);
}
