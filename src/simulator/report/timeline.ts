import type { Arrow } from "./arrows.ts";
import { type AxisTick, layOutAxis } from "./axis.ts";
import { groupByCaller } from "./callers.ts";
import { nameWorkflow } from "./names.ts";
import type { JobReport, PipelineReport, Report, RequestReport, WorkflowReport } from "./report.ts";
import { spanOf } from "./sleep.ts";

/** Where everything stands in the picture. Positions along the time axis are fractions from 0 to 1. */
export interface Timeline {
  readonly axis: readonly (AxisTick & { readonly position: number })[];
  readonly rows: readonly Row[];
  readonly arrows: readonly PlacedArrow[];
}

export type Row =
  | { readonly kind: "outside"; readonly calls: readonly CallMark[] }
  | { readonly kind: "pipeline"; readonly pipeline: PipelineReport; readonly position: number }
  | { readonly kind: "workflow"; readonly workflow: WorkflowReport; readonly name: string }
  | {
      readonly kind: "job";
      readonly job: JobReport;
      /** Null: it never started. */
      readonly bar: Bar | null;
      readonly calls: readonly CallMark[];
    };

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly milliseconds: number;
  /** It had not ended when the run did. */
  readonly isOpen: boolean;
}

/** Calls that would lie upon one another share a mark. */
export interface CallMark {
  readonly position: number;
  readonly requests: readonly RequestReport[];
}

export interface PlacedArrow {
  readonly arrow: Arrow;
  readonly from: { readonly row: number; readonly position: number };
  readonly to: { readonly row: number; readonly position: number };
}

/** Room to the right of the last bar, as a part of the run. */
const margin = 0.03;
/** Marks closer than this are one. */
const closest = 0.01;

export function layOutTimeline(report: Report, arrows: readonly Arrow[]): Timeline {
  const scale = scaleOf(report);
  const rows = layOutRows(report, scale);
  return {
    axis: layOutAxis(scale.span).map((tick) => ({ ...tick, position: tick.at / scale.span })),
    rows,
    arrows: arrows.flatMap((arrow) => placeArrow(arrow, rows, scale)),
  };
}

interface Scale {
  readonly start: number;
  readonly end: number;
  /** Milliseconds from one end of the axis to the other. */
  readonly span: number;
}

function scaleOf(report: Report): Scale {
  const start = Date.parse(report.started_at);
  const end = Math.max(Date.parse(report.stopped_at), start + 1);
  return { start, end, span: (end - start) * (1 + margin) };
}

function layOutRows(report: Report, scale: Scale): readonly Row[] {
  const callers = groupByCaller(report);
  const outside = callers.find(({ by }) => by === null);
  const rows: Row[] = [];
  if (outside !== undefined) rows.push({ kind: "outside", calls: markCalls(outside.requests, scale) });
  for (const pipeline of report.pipelines) {
    rows.push({
      kind: "pipeline",
      pipeline,
      position: place(Date.parse(pipeline.trigger.received_at) - scale.start, scale),
    });
    for (const workflow of pipeline.workflows) {
      rows.push({ kind: "workflow", workflow, name: nameWorkflow(pipeline, workflow) });
      for (const job of workflow.jobs) {
        const requests = callers.find(({ by }) => by?.job.id === job.id)?.requests ?? [];
        rows.push({ kind: "job", job, bar: layOutBar(job, scale), calls: markCalls(requests, scale) });
      }
    }
  }
  return rows;
}

function layOutBar(job: JobReport, scale: Scale): Bar | null {
  const span = spanOf(job, scale.end);
  if (span === null) return null;
  return {
    from: place(span.from - scale.start, scale),
    to: place(span.to - scale.start, scale),
    milliseconds: span.to - span.from,
    isOpen: job.stopped_at === null,
  };
}

function markCalls(requests: readonly RequestReport[], scale: Scale): readonly CallMark[] {
  const marks: { position: number; requests: RequestReport[] }[] = [];
  for (const request of [...requests].sort((one, other) => one.at_ms - other.at_ms)) {
    const position = place(request.at_ms, scale);
    const last = marks.at(-1);
    if (last !== undefined && position - last.position < closest) last.requests.push(request);
    else marks.push({ position, requests: [request] });
  }
  return marks;
}

function placeArrow(arrow: Arrow, rows: readonly Row[], scale: Scale): readonly PlacedArrow[] {
  const from = rows.findIndex((row) => row.kind === "job" && row.job.id === arrow.job);
  const to = rows.findIndex((row) =>
    arrow.kind === "trigger"
      ? row.kind === "pipeline" && row.pipeline.id === arrow.pipeline
      : row.kind === "job" && row.job.id === arrow.hold,
  );
  if (from === -1 || to === -1) return [];
  return [
    {
      arrow,
      from: { row: from, position: place(arrow.calledAt, scale) },
      to: { row: to, position: place(arrow.at, scale) },
    },
  ];
}

/** What happens before the run begins or after it ends stays in the picture, at its edge. */
function place(milliseconds: number, scale: Scale): number {
  return Math.min(1, Math.max(0, milliseconds / scale.span));
}
