import type { CompiledWorkflow } from "../compiler/compiled-config.ts";
import type { Job, Pipeline, User, Workflow } from "./state.ts";

interface Birth {
  readonly startedBy: User;
  readonly now: number;
  readonly makeId: () => string;
}

export function createWorkflow(
  pipeline: Pipeline,
  compiled: CompiledWorkflow,
  tag: Workflow["tag"],
  { startedBy, now, makeId }: Birth,
): Workflow {
  const id = makeId();
  const workflow: Workflow = {
    id,
    name: compiled.name,
    pipeline,
    tag,
    status: "running",
    startedBy,
    canceledBy: null,
    createdAt: now,
    stoppedAt: null,
    autoRerunNumber: 0,
    maxAutoReruns: compiled.maxAutoReruns,
    rerunOf: null,
    workspaceId: id,
    jobs: [],
  };
  workflow.jobs.push(...compiled.jobs.map((definition) => createJob(definition, workflow, makeId())));
  return workflow;
}

/**
 * A new run of a workflow, in the workspace of the first: the jobs named in `repeated` are new, the others are
 * taken over as they ended.
 */
export function repeatWorkflow(
  original: Workflow,
  repeated: ReadonlySet<string>,
  { startedBy, now, makeId, autoRerunNumber }: Birth & { readonly autoRerunNumber: number },
): Workflow {
  const workflow: Workflow = {
    ...original,
    id: makeId(),
    status: "running",
    startedBy,
    canceledBy: null,
    createdAt: now,
    stoppedAt: null,
    autoRerunNumber,
    rerunOf: original,
    jobs: [],
  };
  const jobs = original.jobs.map((job) =>
    repeated.has(job.name) ? createJob(job.definition, workflow, makeId()) : { ...job, workflow },
  );
  workflow.jobs.push(...jobs);
  return workflow;
}

function createJob(definition: Job["definition"], workflow: Workflow, id: string): Job {
  return {
    id,
    name: definition.name,
    workflow,
    definition,
    status: "blocked",
    number: null,
    startedAt: null,
    stoppedAt: null,
    approvedBy: null,
    actor: workflow.startedBy,
    steps: [],
    artifacts: [],
  };
}
