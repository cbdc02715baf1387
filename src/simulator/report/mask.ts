import type { ParameterValue } from "../compiler/compiled-config.ts";
import { readOutput } from "./plain-text.ts";
import type { JobReport, PipelineReport, Report } from "./report.ts";

/** Replaces every occurrence of a secret by `****`; occurrences that overlap become one. */
export function mask(text: string, secrets: readonly string[]): string {
  const hidden: { readonly from: number; readonly to: number }[] = [];
  for (const secret of secrets.filter(isMasked)) {
    for (let from = text.indexOf(secret); from !== -1; from = text.indexOf(secret, from + 1)) {
      hidden.push({ from, to: from + secret.length });
    }
  }
  hidden.sort((one, other) => one.from - other.from);
  let masked = "";
  let end = 0;
  for (const { from, to } of hidden) {
    if (from >= end) masked += `${text.slice(end, from)}****`;
    end = Math.max(end, to);
  }
  return masked + text.slice(end);
}

/** The report with every secret gone from every text that a configuration, a step or a caller wrote. */
export function maskReport(report: Report, secrets: readonly string[]): Report {
  const hide = (text: string) => mask(text, secrets);
  return {
    ...report,
    unused: { faults: maskAll(report.unused.faults, hide), events: maskAll(report.unused.events, hide) },
    pipelines: report.pipelines.map((pipeline) => maskPipeline(pipeline, hide)),
    requests: report.requests.map((request) => ({ ...request, path: hide(request.path) })),
  };
}

/** CircleCI leaves short values and booleans as they are: hiding them would garble the output and protect nothing. */
function isMasked(secret: string): boolean {
  return secret.length >= 4 && !["true", "True", "false", "False"].includes(secret);
}

type Hide = (text: string) => string;

function maskPipeline(pipeline: PipelineReport, hide: Hide): PipelineReport {
  return {
    ...pipeline,
    project: hide(pipeline.project),
    branch: pipeline.branch === null ? null : hide(pipeline.branch),
    trigger: { ...pipeline.trigger, actor: hide(pipeline.trigger.actor) },
    errors: pipeline.errors.map(({ type, message }) => ({ type, message: hide(message) })),
    parameters: Object.fromEntries(
      Object.entries(pipeline.parameters).map(([name, value]) => [hide(name), maskValue(value, hide)]),
    ),
    workflows: pipeline.workflows.map((workflow) => ({
      ...workflow,
      name: hide(workflow.name),
      jobs: workflow.jobs.map((job) => maskJob(job, hide)),
    })),
  };
}

function maskJob(job: JobReport, hide: Hide): JobReport {
  return {
    ...job,
    name: hide(job.name),
    approved_by: job.approved_by === null ? null : hide(job.approved_by),
    artifacts: job.artifacts.map(({ path, file }) => ({ path: hide(path), file: hide(file) })),
    steps: job.steps.map((step) => ({
      ...step,
      name: hide(step.name),
      // Twice: a colour in the middle of a secret hides it from the first look.
      output: hide(readOutput(hide(step.output))),
    })),
  };
}

function maskValue(value: ParameterValue, hide: Hide): ParameterValue {
  const text = String(value);
  const hidden = hide(text);
  return hidden === text ? value : hidden;
}

function maskAll(values: readonly unknown[], hide: Hide): readonly unknown[] {
  return values.map((value) => maskDeep(value, hide));
}

function maskDeep(value: unknown, hide: Hide): unknown {
  if (typeof value === "string" || typeof value === "number") {
    const text = String(value);
    const hidden = hide(text);
    return hidden === text ? value : hidden;
  }
  if (Array.isArray(value)) return maskAll(value, hide);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [hide(key), maskDeep(inner, hide)]));
}
