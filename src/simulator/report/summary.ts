import { findArrows } from "./arrows.ts";
import { groupByCaller } from "./callers.ts";
import { formatDuration } from "./format-time.ts";
import { maskReport } from "./mask.ts";
import { nameJob, namePipeline, nameWorkflow, type PlacedJob, placeJobs } from "./names.ts";
import type { PipelineReport, Report } from "./report.ts";
import { listHolds, sumCompute } from "./sleep.ts";
import { lookOf } from "./status-look.ts";
import { type Line, piece } from "./terminal-line.ts";

export interface SummaryOptions {
  readonly secrets: readonly string[];
  /** Where the page lies, if one was written. */
  readonly htmlFile: string | null;
}

/** What is said when a run is over. */
export function summarize(report: Report, { secrets, htmlFile }: SummaryOptions): readonly Line[] {
  const masked = maskReport(report, secrets);
  const jobs = placeJobs(masked);
  const causes = new Map(
    findArrows(report).flatMap((arrow) => {
      const caller = jobs.get(arrow.job);
      return arrow.kind === "trigger" && caller !== undefined ? [[arrow.pipeline, caller] as const] : [];
    }),
  );
  const duration = Date.parse(report.stopped_at) - Date.parse(report.started_at);
  const { tone, symbol } = lookOf(report.outcome);
  return [
    [piece(`${symbol} ${report.outcome}`, tone), piece(` in ${formatDuration(duration)}`)],
    ...masked.pipelines.flatMap((pipeline) => summarizePipeline(pipeline, masked, causes.get(pipeline.id))),
    ...[...jobs.values()].flatMap(quoteFailure),
    [],
    ...countCalls(masked),
    ...warnOfUnused(masked),
    ...(htmlFile === null ? [] : [[piece("Report: "), piece(htmlFile, "strong")]]),
  ];
}

function summarizePipeline(
  pipeline: PipelineReport,
  report: Report,
  cause: PlacedJob | undefined,
): readonly Line[] {
  const origin = cause === undefined ? "" : `  triggered by ${nameJob(cause)}`;
  return [
    [],
    [piece(namePipeline(pipeline), "strong"), piece(origin, "quiet")],
    ...pipeline.errors.map(({ message }): Line => [piece("  error: ", "bad"), piece(message)]),
    ...pipeline.workflows.map((workflow): Line => {
      const end = Date.parse(workflow.stopped_at ?? report.stopped_at);
      const { tone, symbol } = lookOf(workflow.status);
      return [
        piece(`  ${symbol} `, tone),
        piece(`${nameWorkflow(pipeline, workflow)}  `),
        piece(workflow.status, tone),
        piece(`  ${formatDuration(end - Date.parse(workflow.created_at))}`, "quiet"),
      ];
    }),
    [piece(`  paid ${formatDuration(sumCompute(pipeline) * 1000)} of compute`)],
    ...listHolds(pipeline, report).map(({ job, waited, paidMeanwhile }): Line => {
      const meanwhile =
        paidMeanwhile === 0 ? "" : ` for it, and ${formatDuration(paidMeanwhile)} for other jobs`;
      const paid = `paid 0 s${meanwhile}`;
      return [piece(`  slept ${formatDuration(waited)} on ${job.name}, ${paid}`, "asleep")];
    }),
  ];
}

/** Lines of a failed step that are quoted. */
const quotedLines = 10;

function quoteFailure(placed: PlacedJob): readonly Line[] {
  return placed.job.steps
    .filter(({ status }) => status === "failed" || status === "timedout")
    .flatMap((step): readonly Line[] => {
      const code = step.exit_code === null ? step.status : `exit code ${step.exit_code}`;
      const lines = step.output.trimEnd().split("\n").slice(-quotedLines);
      return [
        [],
        [piece(`✗ ${nameJob(placed)}, step "${step.name}": ${code}`, "bad")],
        ...lines.map((line): Line => [piece("  | ", "quiet"), piece(line)]),
      ];
    });
}

function countCalls(report: Report): readonly Line[] {
  const total = report.requests.length;
  if (total === 0) return [[piece("No API call")]];
  return [
    [piece(total === 1 ? "1 API call" : `${total} API calls`)],
    ...groupByCaller(report).map(({ by, requests }): Line => {
      const count = String(requests.length).padStart(String(total).length);
      return [piece("  "), piece(count), piece(`  ${by === null ? "from outside" : nameJob(by)}`, "quiet")];
    }),
  ];
}

function warnOfUnused({ unused }: Report): readonly Line[] {
  const warn = (text: string, source: unknown): Line => [
    piece("warning: ", "stopped"),
    piece(`${text}: ${JSON.stringify(source)}`),
  ];
  return [
    ...unused.faults.map((fault) => warn("this fault never met a request", fault)),
    ...unused.events.map((event) => warn("this event never happened", event)),
  ];
}
