import { formatClock, formatDuration } from "./format-time.ts";
import { panelOfJob, panelOfPipeline } from "./html-names.ts";
import { type Content, type Html, html } from "./markup.ts";
import { nameJob, namePipeline, type PlacedJob } from "./names.ts";
import type { JobReport, PipelineReport, RequestReport, WorkflowReport } from "./report.ts";
import { lookOf, type Status } from "./status-look.ts";
import type { Bar, CallMark, PlacedArrow, Row, Timeline } from "./timeline.ts";

/**
 * One grid: every row is a label and a track, gridlines and arrows span rows. The browser knows how high rows are,
 * so arrows fit at every width without a script.
 */
export function renderTimeline(timeline: Timeline, jobs: ReadonlyMap<string, PlacedJob>): Html {
  const end = timeline.rows.length + firstLine;
  return html`<div class="timeline">
<div class="axis-label" style="grid-row:1">since the run began</div>
<div class="axis" style="grid-row:1">${timeline.axis.map(
    (tick, index) =>
      html`<span class="${index % 2 === 1 ? "minor" : "major"}" style="left:${percent(tick.position)}">${tick.label}</span>`,
  )}</div>
<div class="gridlines" style="grid-row:${firstLine}/${end}">${timeline.axis.map(
    (tick) => html`<i style="left:${percent(tick.position)}"></i>`,
  )}</div>
${timeline.rows.map((row, index) => renderRow(row, index, timeline, jobs))}
${timeline.arrows.map((arrow) => renderArrow(arrow, jobs))}
</div>`;
}

/** Grid line of the first row: the axis is above it. */
const firstLine = 2;

/** The symbol of a status and its name. */
export function renderStatus(status: Status): Html {
  const { tone, symbol } = lookOf(status);
  return html`<span class="status ${tone}"><span aria-hidden="true">${symbol}</span> ${writeStatus(status)}</span>`;
}

function writeStatus(status: Status): string {
  return status.replaceAll("_", " ");
}

function renderRow(row: Row, index: number, timeline: Timeline, jobs: ReadonlyMap<string, PlacedJob>): Html {
  const line = index + firstLine;
  switch (row.kind) {
    case "outside":
      return frameRow(
        line,
        "outside",
        html`<span class="name">calls from outside</span>`,
        renderCalls(row.calls),
      );
    case "pipeline":
      return frameRow(
        line,
        "pipeline",
        renderPipelineLabel(row.pipeline, causeOf(row.pipeline, timeline, jobs)),
        html`<i class="start" style="left:${percent(row.position)}"></i>${row.pipeline.errors.map(
          (error) =>
            html`<span class="problem" style="margin-left:${percent(Math.min(row.position, 0.5))}">${error.message}</span>`,
        )}`,
      );
    case "workflow":
      return frameRow(line, "workflow", renderWorkflowLabel(row.workflow, row.name), null);
    case "job":
      return frameRow(line, "job", renderJobLabel(row.job), [
        row.bar === null
          ? html`<span class="absent">${writeStatus(row.job.status)}</span>`
          : renderBar(row.job, row.bar),
        renderCalls(row.calls),
      ]);
  }
}

function frameRow(line: number, kind: Row["kind"], label: Html, track: Content): Html {
  const isBand = kind === "pipeline" || kind === "outside";
  const band = isBand ? html`<i class="band" style="grid-row:${line}"></i>` : null;
  return html`${band}<div class="label ${kind}" style="grid-row:${line}">${label}</div><div class="track ${kind}" style="grid-row:${line}">${track}</div>
`;
}

function renderPipelineLabel(pipeline: PipelineReport, cause: string | null): Html {
  const trouble = pipeline.state === "errored" ? renderStatus(pipeline.state) : null;
  const trigger = cause === null ? `triggered by ${pipeline.trigger.actor}` : `triggered by ${cause}`;
  return html`<h2><button type="button" popovertarget="${panelOfPipeline(pipeline)}">${namePipeline(pipeline)}</button> ${trouble}</h2><p>${pipeline.branch ?? ""} · ${trigger}</p>`;
}

function renderWorkflowLabel(workflow: WorkflowReport, name: string): Html {
  const note = workflow.tag === "setup" ? html` <small>setup</small>` : null;
  return html`<h3 title="${name}">${name}${note}</h3>${renderStatus(workflow.status)}`;
}

function renderJobLabel(job: JobReport): Html {
  const { tone, symbol } = lookOf(job.status);
  return html`<button type="button" popovertarget="${panelOfJob(job)}" title="${job.name}"><span class="symbol ${tone}" aria-hidden="true">${symbol}</span><span class="name">${job.name}</span><span class="unseen">, ${writeStatus(job.status)}</span></button>`;
}

/** For the mouse only: the label in front of it is the same button, for everybody. */
function renderBar(job: JobReport, bar: Bar): Html {
  const { tone } = lookOf(job.status);
  const duration = formatDuration(bar.milliseconds);
  const text = job.type === "approval" ? `asleep ${duration}` : duration;
  const classes = ["bar", job.type, tone, placeText(bar), bar.isOpen ? "open" : "closed"].join(" ");
  return html`<button type="button" tabindex="-1" aria-hidden="true" class="${classes}" style="left:${percent(bar.from)};width:${percent(bar.to - bar.from)}" popovertarget="${panelOfJob(job)}" title="${job.name}: ${writeStatus(job.status)}, ${duration}"><span>${text}</span></button>`;
}

/** A bar too short for its text has it beside, where there is room. */
function placeText(bar: Bar): "text-inside" | "text-after" | "text-before" {
  if (bar.to - bar.from > 0.16) return "text-inside";
  return bar.to < 0.8 ? "text-after" : "text-before";
}

function renderCalls(marks: readonly CallMark[]): readonly Html[] {
  return marks.map((mark) => {
    const side = mark.position > 0.5 ? "left" : "right";
    const shape = mark.requests.some(({ fault }) => fault !== null)
      ? "faulted"
      : mark.requests.some(isRefused)
        ? "refused"
        : "plain";
    const lines = mark.requests.slice(0, 6).map((request) => describeCall(request));
    const more = mark.requests.length - lines.length;
    if (more > 0) lines.push(`and ${more} more`);
    return html`<span class="call ${shape}" style="left:${percent(mark.position)}" tabindex="0" role="img" aria-label="${lines.join("; ")}"><span class="tip ${side}" aria-hidden="true">${lines.map(
      (line) => html`<span>${line}</span>`,
    )}</span></span>`;
  });
}

/** `00:02.8 POST /api/v2/… 201` */
export function describeCall(request: RequestReport): string {
  const answer = request.status === null ? "connection cut" : request.status;
  const fault = request.fault === null ? "" : ` (fault ${request.fault + 1} of the scenario)`;
  return `${formatClock(request.at_ms)} ${request.method} ${request.path} → ${answer}${fault}`;
}

function isRefused({ status }: RequestReport): boolean {
  return status === null || status >= 400;
}

/** Edges are pixels from the bottom of a row: the style sheet places bars and start marks there. */
const barBottom = 12;
const barTop = 30;
const startMark = 22;

function renderArrow({ arrow, from, to }: PlacedArrow, jobs: ReadonlyMap<string, PlacedJob>): Html {
  const isDown = from.row < to.row;
  const target = arrow.kind === "trigger" ? startMark : isDown ? barTop : barBottom;
  const [above, below] = isDown ? [from, to] : [to, from];
  const [top, bottom] = isDown ? [barBottom, target] : [target, barTop];
  const left = Math.min(from.position, to.position);
  const width = Math.abs(from.position - to.position);
  const isUpright = width < 0.004;
  const place = isUpright
    ? `left:calc(${percent(to.position)} - 8px);width:16px`
    : `left:${percent(left)};width:${percent(width)}`;
  const start = isUpright ? "8" : from.position < to.position ? "0" : "100%";
  const tip = isUpright ? "8" : from.position < to.position ? "100%" : "0";
  const line = (classes: string, marker: string) =>
    html`<line class="${classes}" x1="${start}" y1="${isDown ? "0" : "100%"}" x2="${tip}" y2="${isDown ? "100%" : "0"}"${
      marker === "" ? null : html` marker-end="url(#${marker})"`
    }/>`;
  const caller = jobs.get(arrow.job);
  const title = `${caller === undefined ? "a job" : nameJob(caller)} ${
    arrow.kind === "trigger" ? "triggers a pipeline" : "circles back"
  } at ${formatClock(arrow.calledAt)}`;
  return html`<div class="arrow ${arrow.kind}" style="grid-row:${above.row + firstLine + 1}/${below.row + firstLine + 1};margin-top:-${top}px;margin-bottom:${bottom}px"><svg style="${place}" role="img" aria-label="${title}">${line("halo", "")}${line("shaft", `head-${arrow.kind}`)}</svg></div>
`;
}

function causeOf(
  pipeline: PipelineReport,
  timeline: Timeline,
  jobs: ReadonlyMap<string, PlacedJob>,
): string | null {
  const placed = timeline.arrows.find(
    ({ arrow }) => arrow.kind === "trigger" && arrow.pipeline === pipeline.id,
  );
  const caller = placed === undefined ? undefined : jobs.get(placed.arrow.job);
  return caller === undefined ? null : namePipeline(caller.pipeline);
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`;
}
