import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Report, StepReport } from "../../src/simulator/report/report.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { type SimulateOptions, simulate } from "../../src/simulator/simulate.ts";
import { makeFolder } from "./folders.ts";

export interface Projects {
  /** By slug: the text of `.circleci/config.yml`, or several files by their path. */
  readonly [slug: string]: string | Readonly<Record<string, string>>;
}

/**
 * Writes projects and a scenario into a folder of the test's own and answers the scenario's path. `scenario` is
 * YAML; `path` of its projects is filled in, and a project that it does not mention is added.
 */
export function writeScenario(projects: Projects, scenario: string): string {
  const document = (parse(scenario) ?? {}) as { projects?: Record<string, object> };
  const files: Record<string, string> = {};
  const entries = Object.entries(projects).map(([slug, content]) => {
    const own = typeof content === "string" ? { ".circleci/config.yml": content } : content;
    for (const [name, text] of Object.entries(own)) files[join(slug, name)] = text;
    return [slug, { path: slug, ...document.projects?.[slug] }] as const;
  });
  files["scenario.yml"] = stringify({
    ...document,
    projects: { ...document.projects, ...Object.fromEntries(entries) },
  });
  return join(makeFolder(files), "scenario.yml");
}

/** Runs projects with a scenario on the real clock, in this process; the jobs are real processes. */
export async function runProjects(
  projects: Projects,
  scenario: string,
  options: Partial<SimulateOptions> = {},
): Promise<Report> {
  return runScenario(writeScenario(projects, scenario), options);
}

/** Runs a scenario file; its artifacts stay until the test has ended. */
export async function runScenario(file: string, options: Partial<SimulateOptions> = {}): Promise<Report> {
  return simulate(loadScenario(file), { jobRoot: makeFolder(), timeout: 30_000, ...options });
}

export interface StatusView {
  /** `gh/acme/app#1`. */
  readonly [pipeline: string]: {
    /** Its name; the second run of that name in the same pipeline is `name#2`. */
    readonly [workflow: string]: { readonly status: string; readonly jobs: Readonly<Record<string, string>> };
  };
}

/** All statuses of a run, to compare as a whole. */
export function statuses(report: Report): StatusView {
  return Object.fromEntries(
    report.pipelines.map((pipeline) => {
      const seen = new Map<string, number>();
      const workflows = pipeline.workflows.map(({ name, status, jobs }) => {
        const run = (seen.get(name) ?? 0) + 1;
        seen.set(name, run);
        const view = { status, jobs: Object.fromEntries(jobs.map((job) => [job.name, job.status])) };
        return [run === 1 ? name : `${name}#${run}`, view] as const;
      });
      return [`${pipeline.project}#${pipeline.number}`, Object.fromEntries(workflows)] as const;
    }),
  );
}

/** The steps of the newest job of that name; none where there is no such job yet. */
export function stepsOf(report: Report, jobName: string): readonly StepReport[] {
  const jobs = report.pipelines.flatMap(({ workflows }) => workflows.flatMap((workflow) => workflow.jobs));
  return jobs.findLast(({ name }) => name === jobName)?.steps ?? [];
}

/** Everything that the newest job of that name has printed. */
export function outputOf(report: Report, jobName: string): string {
  return stepsOf(report, jobName)
    .map(({ output }) => output)
    .join("");
}

/** Requests as `POST /api/v2/… 201`, in the order of arrival. */
export function requests(report: Report): readonly string[] {
  return report.requests.map(({ method, path, status }) => `${method} ${path} ${status ?? "cut"}`);
}
