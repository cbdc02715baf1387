import { findArrows } from "./arrows.ts";
import { groupByCaller } from "./callers.ts";
import { formatDuration } from "./format-time.ts";
import { renderPanels } from "./html-panels.ts";
import { styleSheet } from "./html-style.ts";
import { describeCall, renderStatus, renderTimeline } from "./html-timeline.ts";
import { type Html, html } from "./markup.ts";
import { maskReport } from "./mask.ts";
import { nameJob, namePipeline, placeJobs } from "./names.ts";
import type { Report } from "./report.ts";
import { measureSleep, sumCompute } from "./sleep.ts";
import { lookOf } from "./status-look.ts";
import { layOutTimeline } from "./timeline.ts";

/**
 * The report as one HTML file that asks for nothing else. It holds no script, and its policy allows none: panels are
 * `popover` elements, which buttons open by themselves, so nothing that a step printed can ever be executed.
 */
export function renderHtml(report: Report, { secrets }: { readonly secrets: readonly string[] }): string {
  const masked = maskReport(report, secrets);
  const arrows = findArrows(report);
  const jobs = placeJobs(masked);
  const first = masked.pipelines[0];
  const title = `${report.outcome}: ${first === undefined ? "no pipeline" : namePipeline(first)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
${styleSheet}
</head>
<body>
<header class="top ${lookOf(report.outcome).tone}">
<h1>${renderStatus(report.outcome)}</h1>
<p>${first === undefined ? null : `${namePipeline(first)} · `}<time datetime="${report.started_at}">${report.started_at.slice(0, 19).replace("T", " ")} UTC</time></p>
${renderTotals(masked)}
</header>
<main>
${renderWarnings(masked)}
<section class="card" aria-label="Timeline">
${renderLegend()}
${renderTimeline(layOutTimeline(masked, arrows), jobs)}
${arrowHeads}
</section>
${renderAllCalls(masked)}
</main>
${renderPanels(masked, arrows, jobs)}
</body>
</html>
`.text;
}

/** Style attributes place the bars; nothing else is allowed, least of all a request. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function renderTotals(report: Report): Html {
  const { pipelines } = report;
  const compute = pipelines.reduce((total, pipeline) => total + sumCompute(pipeline) * 1000, 0);
  const sleep = pipelines.reduce((total, pipeline) => total + measureSleep(pipeline, report), 0);
  const faulted = report.requests.filter(({ fault }) => fault !== null).length;
  const totals: readonly (readonly [name: string, value: string, note: string])[] = [
    [
      "Duration",
      formatDuration(Date.parse(report.stopped_at) - Date.parse(report.started_at)),
      `${pipelines.length} ${pipelines.length === 1 ? "pipeline" : "pipelines"}`,
    ],
    ["Compute paid", formatDuration(compute), "build jobs only"],
    ["Asleep, unpaid", formatDuration(sleep), "a hold waits, nothing runs"],
    ["API calls", String(report.requests.length), faulted === 0 ? "none faulted" : `${faulted} faulted`],
  ];
  return html`<dl class="totals">${totals.map(
    ([name, value, note]) => html`<div><dt>${name}</dt><dd>${value}<small>${note}</small></dd></div>`,
  )}</dl>`;
}

function renderWarnings({ unused }: Report): Html | null {
  const warnings = [
    ...unused.faults.map((fault) => ["This fault never met a request", fault] as const),
    ...unused.events.map((event) => ["This event never happened", event] as const),
  ];
  if (warnings.length === 0) return null;
  return html`<ul class="warnings" aria-label="Warnings">${warnings.map(
    ([text, source]) => html`<li>${text}: <code>${JSON.stringify(source)}</code></li>`,
  )}</ul>`;
}

function renderLegend(): Html {
  const swatches = [
    ["good", "success"],
    ["bad", "failed"],
    ["busy", "running"],
    ["stopped", "canceled"],
  ] as const;
  return html`<ul class="legend" aria-label="Legend">
${swatches.map(([tone, text]) => html`<li><i class="bar build ${tone}"></i>${text}</li>`)}
<li><i class="bar approval asleep"></i>hold: asleep, unpaid</li>
<li><svg class="arrow trigger" width="26" height="10" aria-hidden="true"><line class="shaft" x1="1" y1="5" x2="22" y2="5" marker-end="url(#head-trigger)"/></svg>trigger</li>
<li><svg class="arrow circle-back" width="26" height="10" aria-hidden="true"><line class="shaft" x1="1" y1="5" x2="22" y2="5" marker-end="url(#head-circle-back)"/></svg>circle-back</li>
<li><i class="call plain"></i>API call</li>
<li><i class="call refused"></i>refused</li>
<li><i class="call faulted"></i>met a fault</li>
</ul>`;
}

const arrowHeads = html`<svg class="unseen" aria-hidden="true"><defs>${["trigger", "circle-back"].map(
  (kind) =>
    html`<marker id="head-${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${kind}" d="M0 0.5 L10 5 L0 9.5 Z"/></marker>`,
)}</defs></svg>`;

function renderAllCalls(report: Report): Html | null {
  const callers = groupByCaller(report);
  if (callers.length === 0) return null;
  return html`<details class="card all-calls"><summary>All API calls <small>${report.requests.length}</small></summary>
${callers.map(
  ({ by, requests }) =>
    html`<h3>${by === null ? "From outside" : nameJob(by)} <small>${requests.length}</small></h3><ol class="calls">${requests.map(
      (request) => html`<li>${describeCall(request)}</li>`,
    )}</ol>`,
)}</details>`;
}
