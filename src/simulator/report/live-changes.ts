import { formatClock, formatDuration } from "./format-time.ts";
import { nameJob, namePipeline, nameWorkflow } from "./names.ts";
import type { JobReport, PipelineReport, Report } from "./report.ts";
import { spanOf } from "./sleep.ts";
import { lookOf } from "./status-look.ts";
import { type Line, piece } from "./terminal-line.ts";

/** One line for every state that is another than before. */
export function listChanges(before: Report | null, after: Report): readonly Line[] {
  const known = new Map((before?.pipelines ?? []).map((pipeline) => [pipeline.id, pipeline]));
  return after.pipelines.flatMap((pipeline) => listPipelineChanges(known.get(pipeline.id), pipeline, after));
}

function listPipelineChanges(
  before: PipelineReport | undefined,
  after: PipelineReport,
  report: Report,
): readonly Line[] {
  const name = namePipeline(after);
  const time = formatClock(Date.parse(report.stopped_at) - Date.parse(report.started_at));
  const say = (who: string, what: string, status: Parameters<typeof lookOf>[0]): Line => [
    piece(`${time}  `, "quiet"),
    piece(`${who}  `),
    piece(what, lookOf(status).tone),
  ];
  const lines: Line[] = [];
  if (before === undefined) {
    const branch = after.branch === null ? "" : ` on ${after.branch}`;
    lines.push(say(name, `triggered by ${after.trigger.actor}${branch}`, after.state));
  } else if (before.state !== after.state) {
    lines.push(say(name, `${before.state} → ${after.state}`, after.state));
  }
  for (const { message } of after.errors.slice(before?.errors.length ?? 0)) {
    lines.push(say(name, `error: ${message}`, "errored"));
  }
  const workflows = new Map((before?.workflows ?? []).map((workflow) => [workflow.id, workflow]));
  for (const workflow of after.workflows) {
    const known = workflows.get(workflow.id);
    const who = `${name} ${nameWorkflow(after, workflow)}`;
    const change = describeChange(known?.status, workflow.status);
    if (change !== null) lines.push(say(who, change, workflow.status));
    const jobs = new Map((known?.jobs ?? []).map((job) => [job.id, job]));
    for (const job of workflow.jobs) {
      const jobChange = describeChange(jobs.get(job.id)?.status, job.status);
      if (jobChange === null) continue;
      const note = describeEnd(job, Date.parse(report.stopped_at));
      lines.push(say(nameJob({ pipeline: after, workflow, job }), `${jobChange}${note}`, job.status));
    }
  }
  return lines;
}

/** A job that waits for its turn from the beginning is no news. */
function describeChange(before: string | undefined, after: string): string | null {
  if (before === after || (before === undefined && after === "blocked")) return null;
  return before === undefined ? after : `${before} → ${after}`;
}

function describeEnd(job: JobReport, now: number): string {
  const span = spanOf(job, now);
  if (span === null || job.stopped_at === null || job.type === "no-op") return "";
  const duration = formatDuration(span.to - span.from);
  if (job.type === "build") return ` (${duration})`;
  return job.approved_by === null
    ? ` (asleep ${duration})`
    : ` (asleep ${duration}, approved by ${job.approved_by})`;
}
