import type { Arrow } from "./arrows.ts";
import { formatClock, formatDuration } from "./format-time.ts";
import { panelOfJob, panelOfPipeline } from "./html-names.ts";
import { describeCall, renderStatus } from "./html-timeline.ts";
import { type Content, type Html, html } from "./markup.ts";
import { nameJob, namePipeline, nameWorkflow, type PlacedJob } from "./names.ts";
import type { PipelineReport, Report, StepReport } from "./report.ts";
import { listHolds, spanOf, sumCompute } from "./sleep.ts";

/** The panels that open over the page: `popover` elements, hidden until a button asks for them. */
export function renderPanels(
  report: Report,
  arrows: readonly Arrow[],
  jobs: ReadonlyMap<string, PlacedJob>,
): readonly Html[] {
  return [
    ...report.pipelines.map((pipeline) => renderPipelinePanel(pipeline, report, arrows, jobs)),
    ...[...jobs.values()].map((placed) => renderJobPanel(placed, report, arrows, jobs)),
  ];
}

function renderPanel(id: string, path: string, title: string, content: Content): Html {
  return html`<section popover class="panel" id="${id}" role="dialog" aria-labelledby="${id}-title">
<header><div><p>${path}</p><h2 id="${id}-title">${title}</h2></div><button type="button" class="close" popovertarget="${id}" popovertargetaction="hide" autofocus aria-label="Close">×</button></header>
${content}
</section>
`;
}

type Fact = readonly [name: string, value: Content];

function renderFacts(facts: readonly (Fact | null)[]): Html {
  return html`<dl class="facts">${facts.map((fact) =>
    fact === null ? null : html`<div><dt>${fact[0]}</dt><dd>${fact[1]}</dd></div>`,
  )}</dl>`;
}

function renderPipelinePanel(
  pipeline: PipelineReport,
  report: Report,
  arrows: readonly Arrow[],
  jobs: ReadonlyMap<string, PlacedJob>,
): Html {
  const cause = arrows.find((arrow) => arrow.kind === "trigger" && arrow.pipeline === pipeline.id);
  const caller = cause === undefined ? undefined : jobs.get(cause.job);
  const parameters = Object.entries(pipeline.parameters);
  const { trigger } = pipeline;
  const start = Date.parse(report.started_at);
  return renderPanel(
    panelOfPipeline(pipeline),
    `pipeline ${pipeline.id}`,
    namePipeline(pipeline),
    html`${renderFacts([
      ["State", renderStatus(pipeline.state)],
      ["Branch", pipeline.branch ?? "none"],
      ["Triggered by", `${trigger.actor} (${trigger.type})`],
      ["Received", formatClock(Date.parse(trigger.received_at) - start)],
      ["Paid", `${sumCompute(pipeline)} s of compute`],
      ...listHolds(pipeline, report).map(
        ({ job, waited }): Fact => ["Slept", `${formatDuration(waited)} on ${job.name}`],
      ),
    ])}
${caller === undefined ? null : html`<p class="link trigger">Triggered by ${nameJob(caller)}.</p>`}
${pipeline.errors.map(({ type, message }) => html`<p class="problem"><strong>${type}</strong> ${message}</p>`)}
<h3>Parameters</h3>
${
  parameters.length === 0
    ? html`<p class="none">none</p>`
    : html`<table><tbody>${parameters.map(
        ([name, value]) => html`<tr><th scope="row">${name}</th><td><code>${String(value)}</code></td></tr>`,
      )}</tbody></table>`
}
<h3>Workflows</h3>
${
  pipeline.workflows.length === 0
    ? html`<p class="none">none</p>`
    : html`<table><tbody>${pipeline.workflows.map(
        (workflow) =>
          html`<tr><th scope="row">${nameWorkflow(pipeline, workflow)}</th><td>${renderStatus(workflow.status)}</td><td>${formatDuration(
            Date.parse(workflow.stopped_at ?? report.stopped_at) - Date.parse(workflow.created_at),
          )}</td></tr>`,
      )}</tbody></table>`
}`,
  );
}

function renderJobPanel(
  placed: PlacedJob,
  report: Report,
  arrows: readonly Arrow[],
  jobs: ReadonlyMap<string, PlacedJob>,
): Html {
  const { pipeline, workflow, job } = placed;
  const start = Date.parse(report.started_at);
  const span = spanOf(job, Date.parse(report.stopped_at));
  const requests = report.requests.filter((request) => request.job === job.id);
  return renderPanel(
    panelOfJob(job),
    `${namePipeline(pipeline)} · ${nameWorkflow(pipeline, workflow)}`,
    job.name,
    html`${renderFacts([
      ["Status", renderStatus(job.status)],
      ["Type", job.type],
      job.number === null ? null : ["Number", job.number],
      span === null ? null : ["Started", formatClock(span.from - start)],
      span === null
        ? null
        : [job.type === "approval" ? "Asleep" : "Duration", formatDuration(span.to - span.from)],
      ["Paid", `${job.compute_seconds} s of compute`],
      job.approved_by === null ? null : ["Approved by", job.approved_by],
    ])}
${arrows.flatMap((arrow) => explainArrow(arrow, placed, report, jobs))}
${job.steps.length === 0 ? html`<p class="none">${explainNoSteps(placed)}</p>` : html`<h3>Steps</h3>`}
${job.steps.map(renderStep)}
${
  job.artifacts.length === 0
    ? null
    : html`<h3>Artifacts</h3><ul class="artifacts">${job.artifacts.map(
        ({ path, file }) => html`<li><code>${path}</code><small>${file}</small></li>`,
      )}</ul>`
}
${
  requests.length === 0
    ? null
    : html`<h3>API calls</h3><ol class="calls">${requests.map((request) => html`<li>${describeCall(request)}</li>`)}</ol>`
}`,
  );
}

function explainArrow(
  arrow: Arrow,
  { job }: PlacedJob,
  report: Report,
  jobs: ReadonlyMap<string, PlacedJob>,
): readonly Html[] {
  const at = formatClock(arrow.calledAt);
  if (arrow.kind === "trigger") {
    const pipeline = report.pipelines.find(({ id }) => id === arrow.pipeline);
    if (arrow.job !== job.id || pipeline === undefined) return [];
    return [html`<p class="link trigger">Triggered ${namePipeline(pipeline)} at ${at}.</p>`];
  }
  const caller = jobs.get(arrow.job);
  const hold = jobs.get(arrow.hold);
  if (arrow.hold === job.id && caller !== undefined) {
    return [html`<p class="link circle-back">Woken at ${at} by ${nameJob(caller)}.</p>`];
  }
  if (arrow.job === job.id && hold !== undefined) {
    return [html`<p class="link circle-back">Circled back at ${at} to ${nameJob(hold)}.</p>`];
  }
  return [];
}

function explainNoSteps({ job }: PlacedJob): string {
  if (job.type === "approval")
    return "A hold has no steps: it waits for somebody's decision and occupies no machine.";
  if (job.type === "no-op") return "A no-op job has no steps.";
  return "No step has begun.";
}

/** Characters of a step's output that are shown: its end, where the reason for a failure stands. */
const longestOutput = 100_000;

function renderStep(step: StepReport): Html {
  const cut = step.output.length - longestOutput;
  const note = cut > 0 ? html`<p class="none">The first ${cut} characters are left out.</p>` : null;
  const output =
    step.output === ""
      ? html`<p class="none">no output</p>`
      : html`<pre tabindex="0">${step.output.slice(-longestOutput)}</pre>`;
  const exit = step.exit_code === null ? null : html`<span class="exit">exit code ${step.exit_code}</span>`;
  return html`<details open class="step"><summary><span class="name">${step.name}</span>${exit}${renderStatus(step.status)}</summary>${note}${output}</details>
`;
}
