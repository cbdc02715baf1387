import type { Job, Pipeline, Workflow } from "./state.ts";

interface Snapshot {
  readonly time: number;
  readonly pipeline: Pipeline;
}

/** What each pipeline looked like after each of its changes, for answers that lag behind. */
export class History {
  readonly #snapshots = new Map<string, Snapshot[]>();

  /** Keeps a copy of the pipeline as it is at this time; of several at the same time the last one counts. */
  record(pipeline: Pipeline, time: number): void {
    const snapshots = this.#snapshots.get(pipeline.id) ?? [];
    snapshots.push({ time, pipeline: copyPipeline(pipeline) });
    this.#snapshots.set(pipeline.id, snapshots);
  }

  /** Copies of all pipelines that existed at that time, oldest first; they refer to one another as the live ones do. */
  stateAt(time: number): readonly Pipeline[] {
    return [...this.#snapshots.values()].flatMap((snapshots) => {
      const last = snapshots.findLast((snapshot) => snapshot.time <= time);
      return last === undefined ? [] : [last.pipeline];
    });
  }
}

/** Steps are shared with the live job: a single answer shows them, and their output would be copied at every line. */
function copyPipeline(pipeline: Pipeline): Pipeline {
  const copy: Pipeline = { ...pipeline, errors: [...pipeline.errors], workflows: [] };
  const copies = new Map<Workflow, Workflow>();
  for (const workflow of pipeline.workflows) {
    const rerunOf = workflow.rerunOf === null ? null : (copies.get(workflow.rerunOf) ?? null);
    const workflowCopy: Workflow = { ...workflow, pipeline: copy, rerunOf, jobs: [] };
    workflowCopy.jobs.push(...workflow.jobs.map((job) => copyJob(job, workflowCopy)));
    copies.set(workflow, workflowCopy);
    copy.workflows.push(workflowCopy);
  }
  return copy;
}

function copyJob(job: Job, workflow: Workflow): Job {
  return { ...job, workflow, artifacts: [...job.artifacts] };
}
