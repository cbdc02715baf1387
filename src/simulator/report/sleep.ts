import type { JobReport, PipelineReport, Report } from "./report.ts";

interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Hold {
  readonly job: JobReport;
  /** Milliseconds for which it waited; up to the end of the run when nobody decided it. */
  readonly waited: number;
  /** Milliseconds of compute that the same pipeline ran meanwhile. */
  readonly paidMeanwhile: number;
}

/** The approval jobs of a pipeline that waited, in their order. */
export function listHolds(pipeline: PipelineReport, report: Report): readonly Hold[] {
  const end = Date.parse(report.stopped_at);
  const paid = spansOf(pipeline, "build", end);
  return jobsOf(pipeline).flatMap((job) => {
    const span = job.type === "approval" ? spanOf(job, end) : null;
    if (span === null) return [];
    return [{ job, waited: span.to - span.from, paidMeanwhile: sum(overlaps(span, paid)) }];
  });
}

/** Milliseconds in which at least one hold of the pipeline waited and none of its build jobs ran. */
export function measureSleep(pipeline: PipelineReport, report: Report): number {
  const end = Date.parse(report.stopped_at);
  const holds = merge(spansOf(pipeline, "approval", end));
  const busy = merge(spansOf(pipeline, "build", end));
  return sum(holds) - holds.reduce((total, hold) => total + sum(overlaps(hold, busy)), 0);
}

/** Seconds of compute that a pipeline pays for. */
export function sumCompute(pipeline: PipelineReport): number {
  const milliseconds = jobsOf(pipeline).map((job) => Math.round(job.compute_seconds * 1000));
  return milliseconds.reduce((total, one) => total + one, 0) / 1000;
}

/** From the start of a job to its end, or to `end` while it goes on; null where it never started. */
export function spanOf(job: JobReport, end: number): Span | null {
  if (job.started_at === null) return null;
  const from = Date.parse(job.started_at);
  return { from, to: Math.max(from, job.stopped_at === null ? end : Date.parse(job.stopped_at)) };
}

function jobsOf(pipeline: PipelineReport): readonly JobReport[] {
  return pipeline.workflows.flatMap((workflow) => workflow.jobs);
}

function spansOf(pipeline: PipelineReport, type: JobReport["type"], end: number): readonly Span[] {
  return jobsOf(pipeline).flatMap((job) => (job.type === type ? (spanOf(job, end) ?? []) : []));
}

function merge(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push(span);
    else merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return merged;
}

function overlaps(span: Span, others: readonly Span[]): readonly Span[] {
  return others
    .map((other) => ({ from: Math.max(span.from, other.from), to: Math.min(span.to, other.to) }))
    .filter(({ from, to }) => to > from);
}

function sum(spans: readonly Span[]): number {
  return spans.reduce((total, { from, to }) => total + to - from, 0);
}
