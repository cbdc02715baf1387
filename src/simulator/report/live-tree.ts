import { formatClock, formatDuration } from "./format-time.ts";
import { namePipeline, nameWorkflow } from "./names.ts";
import type { JobReport, PipelineReport, Report, WorkflowReport } from "./report.ts";
import { measureSleep, spanOf, sumCompute } from "./sleep.ts";
import { lookOf, type Status } from "./status-look.ts";
import { cutText, type Line, measureText, padText, piece } from "./terminal-line.ts";

/** What a tree leaves out, the more the smaller the terminal. */
type Detail = "everything" | "without ended workflows" | "without blocked jobs";

/** All pipelines as they stand, in at most `height` lines; what is over matters least and goes first. */
export function drawTree(
  report: Report,
  { width, height }: { width: number; height: number },
): readonly Line[] {
  const total = drawTotal(report);
  let tree: readonly Line[] = [];
  for (const detail of ["everything", "without ended workflows", "without blocked jobs"] as const) {
    tree = report.pipelines.flatMap((pipeline) => drawPipeline(pipeline, report, detail, width));
    if (tree.length + 1 <= height) return [...tree, total];
  }
  const room = Math.max(0, height - 2);
  const more = piece(`… ${tree.length - room} more lines`, "quiet");
  return [...tree.slice(0, room), [more], total].slice(-Math.max(1, height));
}

function drawTotal(report: Report): Line {
  const elapsed = Date.parse(report.stopped_at) - Date.parse(report.started_at);
  const paid = report.pipelines.reduce((sum, pipeline) => sum + sumCompute(pipeline) * 1000, 0);
  const slept = report.pipelines.reduce((sum, pipeline) => sum + measureSleep(pipeline, report), 0);
  const calls = report.requests.length;
  return [
    piece(formatClock(elapsed), "strong"),
    piece(`  paid ${formatDuration(paid)} of compute, `, "quiet"),
    piece(`asleep ${formatDuration(slept)} unpaid`, slept > 0 ? "asleep" : "quiet"),
    piece(`, ${calls} API ${calls === 1 ? "call" : "calls"}`, "quiet"),
  ];
}

function drawPipeline(
  pipeline: PipelineReport,
  report: Report,
  detail: Detail,
  width: number,
): readonly Line[] {
  const { state, workflows } = pipeline;
  const isUnusual = state !== "created";
  const head = [
    piece(namePipeline(pipeline), "strong"),
    piece(pipeline.branch === null ? "" : `  ${pipeline.branch}`, "quiet"),
    piece(isUnusual ? `  ${state}` : "", lookOf(state).tone),
  ];
  const errors = pipeline.errors.map(({ message }): Line => [piece("   "), piece(message, "bad")]);
  const branches = workflows.flatMap((workflow, index) => {
    const isLast = index === workflows.length - 1;
    const name = nameWorkflow(pipeline, workflow);
    return drawWorkflow({ workflow, name, isLast, report, detail, width });
  });
  return [head, ...errors, ...branches];
}

interface DrawnWorkflow {
  readonly workflow: WorkflowReport;
  readonly name: string;
  readonly isLast: boolean;
  readonly report: Report;
  readonly detail: Detail;
  readonly width: number;
}

function drawWorkflow({ workflow, name, isLast, report, detail, width }: DrawnWorkflow): readonly Line[] {
  const end = Date.parse(workflow.stopped_at ?? report.stopped_at);
  const duration = formatDuration(end - Date.parse(workflow.created_at));
  const hasEnded = workflow.stopped_at !== null;
  const jobs = detail !== "everything" && hasEnded ? [] : workflow.jobs;
  const shown = detail === "without blocked jobs" ? jobs.filter(({ status }) => status !== "blocked") : jobs;
  const hidden = workflow.jobs.length - shown.length;
  const notes = [duration, hidden > 0 ? `${hidden} jobs not shown` : ""];
  const nameWidth = measureNames(report, width);
  const head: Line = [
    piece(isLast ? "└─ " : "├─ ", "quiet"),
    ...drawColumns(name, workflow.status, notes.filter((note) => note !== "").join("  "), nameWidth + 5),
  ];
  const indent = isLast ? "   " : "│  ";
  return [
    head,
    ...shown.map((job, index): Line => {
      const { tone, symbol } = lookOf(job.status);
      return [
        piece(`${indent}${index === shown.length - 1 ? "└─ " : "├─ "}`, "quiet"),
        piece(`${symbol} `, tone),
        ...drawColumns(job.name, job.status, describeJob(job, report), nameWidth),
      ];
    }),
  ];
}

function drawColumns(name: string, status: Status, note: string, nameWidth: number): Line {
  return [
    piece(padText(cutText(name, nameWidth), nameWidth)),
    piece(`  ${padText(status, 9)}`, lookOf(status).tone),
    piece(note === "" ? "" : `  ${note}`, "quiet"),
  ];
}

/** For how long, and what it is doing. */
function describeJob(job: JobReport, report: Report): string {
  const span = spanOf(job, Date.parse(report.stopped_at));
  if (span === null) return "";
  const duration = padText(formatDuration(span.to - span.from), 6);
  if (job.type === "approval") {
    return job.approved_by === null
      ? `${duration}  asleep, unpaid`
      : `${duration}  approved by ${job.approved_by}`;
  }
  return job.status === "running" ? `${duration}  ${job.steps.at(-1)?.name ?? ""}` : duration;
}

/** One column for the names of all jobs, as wide as the longest needs and the terminal allows. */
function measureNames(report: Report, width: number): number {
  const names = report.pipelines.flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs));
  const longest = Math.max(12, ...names.map(({ name }) => measureText(name)));
  return Math.min(longest, Math.max(12, width - 40));
}
