import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { JobReport, PipelineReport, Report } from "../../src/simulator/report/report.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { simulate } from "../../src/simulator/simulate.ts";

/** Seconds that the child's own job takes, one run each: at other moments of the 20 seconds between two looks. */
const childSeconds = [7, 13, 25];

const ways = ["circleback", "shell", "polling"] as const;
export type Way = (typeof ways)[number];

export const shellWay = "the pattern by hand, with curl and jq in the jobs";
export const pollingWay = "a job that triggers with curl and looks every 20 s";

interface Orchestration {
  /** Requests to the API by the jobs of both pipelines. */
  readonly calls: number;
  /** Milliseconds of compute of the parent's jobs until the next job of its own begins. */
  readonly paid: number;
  /** Milliseconds from the end of the child's own job to the parent's next job. */
  readonly delay: number;
  /** Milliseconds of the job that triggers, and of the one that calls back; 0 where there is none. */
  readonly trigger: number;
  readonly call: number;
}

type Orchestrations = Readonly<Record<Way, readonly Orchestration[]>>;

let measured: Promise<Orchestrations> | null = null;

/** All ways side by side, in the simulator, with jobs that are real processes. Made once, on the first call. */
export function orchestrate(): Promise<Orchestrations> {
  measured ??= measureAll();
  return measured;
}

async function measureAll(): Promise<Orchestrations> {
  const all: Record<Way, Orchestration[]> = { circleback: [], shell: [], polling: [] };
  for (const seconds of childSeconds) {
    const played = await play(ways, seconds);
    for (const [index, way] of ways.entries()) all[way].push(...played.slice(index, index + 1));
  }
  return all;
}

/** Some ways side by side; the answer is in their order. */
export async function play(wanted: readonly Way[], seconds: number): Promise<readonly Orchestration[]> {
  const report = await run(wanted, seconds);
  return wanted.map((way) => read(report, way));
}

async function run(wanted: readonly Way[], seconds: number): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-bench-"));
  try {
    const projects = wanted.flatMap((way) => [`${way}-parent`, `${way}-child`]);
    for (const project of projects) {
      const source = readFileSync(new URL(`orchestrations/${project}.yml`, import.meta.url), "utf8");
      mkdirSync(join(folder, project, ".circleci"), { recursive: true });
      writeFileSync(
        join(folder, project, ".circleci/config.yml"),
        source.replace("SECONDS", String(seconds)),
      );
    }
    cpSync(new URL("../../dist/orb.yml", import.meta.url), join(folder, "orb.yml"));
    const scenario = {
      orbs: { "acme/circleback@1": "./orb.yml" },
      projects: Object.fromEntries(projects.map((project) => [`gh/acme/${project}`, { path: project }])),
      tokens: { "bench-token": { login: "bench", projects: ["gh/acme/*"] } },
      contexts: { circleback: { CIRCLE_TOKEN: "bench-token" } },
      trigger: wanted.map((way) => ({ project: `gh/acme/${way}-parent` })),
    };
    writeFileSync(join(folder, "scenario.yml"), stringify(scenario));
    const jobRoot = join(folder, "jobs");
    mkdirSync(jobRoot);
    return await simulate(loadScenario(join(folder, "scenario.yml")), { jobRoot, timeout: 300_000 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws where that way did not get through. */
function read(report: Report, way: Way): Orchestration {
  const pipelineOf = (project: string): PipelineReport =>
    found(report.pipelines, (pipeline) => pipeline.project === project);
  const [parent, child] = [pipelineOf(`gh/acme/${way}-parent`), pipelineOf(`gh/acme/${way}-child`)];
  const jobs = [parent, child].flatMap(({ workflows }) => workflows.flatMap((workflow) => workflow.jobs));
  const failed = jobs.filter(({ status }) => status !== "success");
  if (failed.length > 0) {
    const told = failed.map(
      ({ name, status, steps }) => `${name} ended ${status}: ${steps.at(-1)?.output ?? ""}`,
    );
    throw new Error(`${way}: ${told.join("; ")}`);
  }
  const named = (name: string) => found(jobs, (job) => job.name === name);
  const own = parent.workflows.flatMap((workflow) => workflow.jobs).filter(({ name }) => name !== "next");
  return {
    calls: report.requests.filter(({ job }) => jobs.some(({ id }) => id === job)).length,
    paid: own.filter(({ type }) => type === "build").reduce((sum, job) => sum + durationOf(job), 0),
    delay: at(named("next").started_at) - at(named("test").stopped_at),
    trigger: durationOf(named("trigger")),
    call: way === "polling" ? 0 : durationOf(named("call")),
  };
}

function found<Thing>(things: readonly Thing[], isWanted: (thing: Thing) => boolean): Thing {
  const thing = things.find(isWanted);
  if (thing === undefined) throw new Error("A job or pipeline of the bench is missing.");
  return thing;
}

function durationOf(job: JobReport): number {
  return at(job.stopped_at) - at(job.started_at);
}

function at(time: string | null): number {
  return Date.parse(time ?? "");
}
