import type { JobReport, PipelineReport, Report, WorkflowReport } from "./report.ts";

/** A job with everything that it belongs to. */
export interface PlacedJob {
  readonly pipeline: PipelineReport;
  readonly workflow: WorkflowReport;
  readonly job: JobReport;
}

/** All jobs by id. */
export function placeJobs(report: Report): ReadonlyMap<string, PlacedJob> {
  const placed = new Map<string, PlacedJob>();
  for (const pipeline of report.pipelines) {
    for (const workflow of pipeline.workflows) {
      for (const job of workflow.jobs) placed.set(job.id, { pipeline, workflow, job });
    }
  }
  return placed;
}

/** `gh/acme/app #1` */
export function namePipeline(pipeline: { readonly project: string; readonly number: number }): string {
  return `${pipeline.project} #${pipeline.number}`;
}

/** `release`, and `release (run 2)` for its rerun. */
export function nameWorkflow(pipeline: PipelineReport, workflow: WorkflowReport): string {
  const runs = pipeline.workflows.filter(({ name }) => name === workflow.name);
  const run = runs.findIndex(({ id }) => id === workflow.id) + 1;
  return run > 1 ? `${workflow.name} (run ${run})` : workflow.name;
}

/** `gh/acme/app #1 release / build` */
export function nameJob({ pipeline, workflow, job }: PlacedJob): string {
  return `${namePipeline(pipeline)} ${nameWorkflow(pipeline, workflow)} / ${job.name}`;
}
