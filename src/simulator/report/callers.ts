import type { JobReport, PipelineReport, Report, RequestReport, WorkflowReport } from "./report.ts";

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

export interface Caller {
  /** Null: no job of this run. */
  readonly by: PlacedJob | null;
  readonly requests: readonly RequestReport[];
}

/** Who made which API calls; jobs in the order of the report, everybody else last. */
export function groupByCaller(report: Report): readonly Caller[] {
  const placed = placeJobs(report);
  const calls = new Map<string | null, RequestReport[]>([...placed.keys()].map((id) => [id, []]));
  const outside: RequestReport[] = [];
  for (const request of report.requests) (calls.get(request.job) ?? outside).push(request);
  const callers: Caller[] = [...placed].map(([id, by]) => ({ by, requests: calls.get(id) ?? [] }));
  return [...callers, { by: null, requests: outside }].filter(({ requests }) => requests.length > 0);
}

/** `gh/acme/app #1` */
export function namePipeline(pipeline: { readonly project: string; readonly number: number }): string {
  return `${pipeline.project} #${pipeline.number}`;
}

/** `gh/acme/app #1 release / build` */
export function nameJob({ pipeline, workflow, job }: PlacedJob): string {
  return `${namePipeline(pipeline)} ${workflow.name} / ${job.name}`;
}
