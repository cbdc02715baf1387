import type { JobStatus, PipelineState, WorkflowStatus } from "../../src/circleci/status.ts";
import type { ParameterValue } from "../../src/simulator/compiler/compiled-config.ts";
import type { ArtifactFile, StepProgress, StepStatus } from "../../src/simulator/engine/job-runner.ts";
import type { Job, Pipeline, User, Workflow } from "../../src/simulator/engine/state.ts";

/** Engine states written by hand. Times are milliseconds since the sample run began. */
export const sampleStart = Date.parse("2031-05-06T07:08:09.000Z");

export interface SamplePipeline {
  readonly project: string;
  readonly number?: number;
  readonly at?: number;
  readonly state?: PipelineState;
  readonly errors?: Pipeline["errors"];
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly actor?: string;
  readonly branch?: string | null;
  readonly workflows?: readonly SampleWorkflow[];
}

export interface SampleWorkflow {
  readonly name: string;
  readonly tag?: "setup" | null;
  readonly status: WorkflowStatus;
  readonly at?: number;
  readonly until?: number | null;
  readonly jobs?: readonly SampleJob[];
}

export interface SampleJob {
  readonly name: string;
  readonly type?: "build" | "approval" | "no-op";
  readonly status: JobStatus;
  readonly from?: number | null;
  readonly to?: number | null;
  readonly approvedBy?: string;
  readonly steps?: readonly (readonly [name: string, output: string, exitCode?: number | null])[];
  readonly artifacts?: readonly ArtifactFile[];
}

export function samplePipeline(sample: SamplePipeline): Pipeline {
  const { project, number = 1, at = 0, branch = "main" } = sample;
  const id = `${project}#${number}`;
  const pipeline: Pipeline = {
    id,
    number,
    project: { slug: project, id: project, organizationId: "acme", branches: ["main"], environment: {} },
    state: sample.state ?? "created",
    errors: [...(sample.errors ?? [])],
    parameters: sample.parameters ?? {},
    values: {},
    trigger: { type: "api", actor: user(sample.actor ?? "release-bot"), receivedAt: sampleStart + at },
    branch,
    tag: null,
    revision: "5f0c2a",
    createdAt: sampleStart + at,
    updatedAt: sampleStart + at,
    source: "",
    compiled: null,
    setupSource: null,
    compiledSetup: null,
    continuationKey: null,
    workflows: [],
  };
  for (const workflow of sample.workflows ?? [])
    pipeline.workflows.push(sampleWorkflow(pipeline, workflow, at));
  return pipeline;
}

function sampleWorkflow(pipeline: Pipeline, sample: SampleWorkflow, pipelineAt: number): Workflow {
  const id = `${pipeline.id}/${sample.name}@${pipeline.workflows.length}`;
  const workflow: Workflow = {
    id,
    name: sample.name,
    pipeline,
    tag: sample.tag ?? null,
    status: sample.status,
    startedBy: pipeline.trigger.actor,
    canceledBy: null,
    createdAt: sampleStart + (sample.at ?? pipelineAt),
    stoppedAt: absolute(sample.until),
    autoRerunNumber: 0,
    maxAutoReruns: 0,
    rerunOf: null,
    workspaceId: id,
    jobs: [],
  };
  for (const job of sample.jobs ?? []) workflow.jobs.push(sampleJob(workflow, job));
  return workflow;
}

function sampleJob(workflow: Workflow, sample: SampleJob): Job {
  const { name, type = "build" } = sample;
  return {
    id: jobId(workflow.pipeline.project.slug, name, workflow.pipeline.number),
    name,
    workflow,
    definition: {
      name,
      type,
      job: type === "build" ? name : null,
      requires: [],
      contexts: [],
      serialGroup: null,
    },
    status: sample.status,
    number: type === "build" && absolute(sample.from) !== null ? workflow.jobs.length + 1 : null,
    startedAt: absolute(sample.from),
    stoppedAt: absolute(sample.to),
    approvedBy: sample.approvedBy === undefined ? null : user(sample.approvedBy),
    actor: workflow.startedBy,
    steps: (sample.steps ?? []).map(([step, output, exitCode = 0], index) =>
      sampleStep(index, step, output, exitCode),
    ),
    artifacts: [...(sample.artifacts ?? [])],
  };
}

function sampleStep(index: number, name: string, output: string, exitCode: number | null): StepProgress {
  return { index, name, status: stepStatus(exitCode), exitCode, output };
}

function stepStatus(exitCode: number | null): StepStatus {
  if (exitCode === null) return "running";
  return exitCode === 0 ? "success" : "failed";
}

/** The id that `samplePipeline` gives to a job. */
export function jobId(project: string, job: string, number = 1): string {
  return `${project}#${number}/${job}`;
}

function user(login: string): User {
  return { id: login, login };
}

function absolute(time: number | null | undefined): number | null {
  return time === null || time === undefined ? null : sampleStart + time;
}
