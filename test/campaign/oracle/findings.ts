import { parse } from "yaml";
import type { Job, Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import type { RequestReport } from "../../../src/simulator/report/report.ts";
import type { CommandRun } from "../machine-runner.ts";
import { planFaults } from "../plan-faults.ts";
import { origin, type Play } from "../play.ts";
import type { Callback } from "../world.ts";

/** A request of a job, with the moment whose state its answer told of. */
export interface Sighting {
  readonly request: RequestReport;
  /** When it arrived, on the engine's clock. */
  readonly at: number;
  /** Earlier than `at` where a fault made the answer stale. */
  readonly shows: number;
}

/** A receipt as a job has left it, read without the code under test. */
export interface Testimony {
  readonly child: string | null;
  readonly hold: string;
  readonly cancelChild: boolean;
  readonly ticket: string;
}

/** Ends of a job that may never have begun. */
const silentEnds = ["unauthorized", "infrastructure_fail", "canceled"];

/** What a play has left behind, in the order that an oracle asks for it. */
export class Findings {
  readonly play: Play;
  readonly #jobs = new Map<string, Job>();
  readonly #sightings = new Map<string, Sighting[]>();
  readonly #runs = new Map<string, CommandRun[]>();
  readonly #shown = new Map<string, readonly string[]>();

  constructor(play: Play) {
    this.play = play;
    for (const { workflows } of play.engine.pipelines) {
      for (const { jobs } of workflows) {
        for (const job of jobs) if (!this.#jobs.has(job.id)) this.#jobs.set(job.id, job);
      }
    }
    const faults = planFaults(play.world.faults);
    for (const request of play.requests) {
      const at = origin + request.at_ms;
      const stale = request.fault === null ? 0 : (faults[request.fault]?.effect.stale ?? 0);
      const sighting = { request, at, shows: request.method === "GET" ? at - stale : at };
      push(this.#sightings, request.job ?? "", sighting);
    }
    for (const run of play.commandRuns) push(this.#runs, run.jobId, run);
  }

  get pipelines(): readonly Pipeline[] {
    return this.play.engine.pipelines;
  }

  /** In its first workflow, where later ones have kept it. */
  job(id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined) throw new Error(`no job ${id}`);
    return job;
  }

  pipeline(id: string): Pipeline | undefined {
    return this.pipelines.find((pipeline) => pipeline.id === id);
  }

  sightingsOf(jobId: string): readonly Sighting[] {
    return this.#sightings.get(jobId) ?? [];
  }

  get allSightings(): readonly Sighting[] {
    return [...this.#sightings.values()].flat();
  }

  runsIn(jobId: string): readonly CommandRun[] {
    return this.#runs.get(jobId) ?? [];
  }

  /** The pipeline as it was, or undefined where it did not exist. */
  pipelineAt(id: string, time: number): Pipeline | undefined {
    return this.play.engine.stateAt(time).find((pipeline) => pipeline.id === id);
  }

  /** The receipts that a job had stored by then. */
  receiptsOf(jobId: string, by: number): readonly Testimony[] {
    const prefix = `${jobId}/circleback/`;
    return [...this.play.runner.artifacts].flatMap(([key, { text, storedAt }]) =>
      key.startsWith(prefix) && !key.slice(prefix.length).includes("/") && storedAt <= by
        ? [readReceipt(text)]
        : [],
    );
  }

  /** The job calls back as its only or its last step. */
  isCallback(job: Job): boolean {
    return (
      job.definition.type === "build" &&
      this.runsIn(job.id).some(({ command }) => command === "approve-in-parent")
    );
  }

  /** The job is there to call back, and for nothing else. */
  isOwnCallback({ name, workflow }: Job): boolean {
    const callback = this.callbackOf(workflow);
    return callback !== null && callback.in === null && callback.name === name;
  }

  /** The job is red for no other reason than that its callback has failed, was cut short, or never began. */
  isOnlyCallback(job: Job): boolean {
    const { lostJobs, ownFailures } = this.play.runner;
    if (job.definition.type !== "build" || ownFailures.has(job.id)) return false;
    const run = this.runsIn(job.id).findLast(({ command }) => command === "approve-in-parent");
    if (run === undefined)
      return silentEnds.includes(job.status) && this.isOwnCallback(job) && this.isShown(job);
    return lostJobs.has(job.id) || run.end === null || run.end.exitCode !== 0;
  }

  /** The configuration, as the service shows it, has the job under its own name. */
  isShown({ name, workflow: { pipeline } }: Job): boolean {
    const text = (pipeline.compiled ?? pipeline.compiledSetup)?.yaml ?? "";
    const names = this.#shown.get(text) ?? Object.keys(parse(text)?.jobs ?? {});
    this.#shown.set(text, names);
    return names.includes(name);
  }

  workflow(id: string): Workflow {
    const found = this.pipelines.flatMap(({ workflows }) => workflows).find((workflow) => workflow.id === id);
    if (found === undefined) throw new Error(`no workflow ${id}`);
    return found;
  }

  /** The workflows that have this job, since reruns keep what they do not repeat. */
  workflowsWith(jobId: string): readonly Workflow[] {
    return this.pipelines.flatMap(({ workflows }) =>
      workflows.filter(({ jobs }) => jobs.some(({ id }) => id === jobId)),
    );
  }

  /** The trigger jobs whose receipts named a child by then. */
  parentsOf(child: string, by: number): readonly Job[] {
    const ids = [...this.play.runner.artifacts.keys()].map((key) => key.slice(0, key.indexOf("/")));
    return [...new Set(ids)]
      .filter((id) => this.receiptsOf(id, by).some((receipt) => receipt.child === child))
      .map((id) => this.job(id));
  }

  /** The trigger jobs that were at work on a child at that time: they knew it, and had stored nothing yet. */
  atChild(child: string, at: number): readonly Job[] {
    const runs = this.play.commandRuns.filter(
      ({ command, startedAt, end }) =>
        command === "trigger-and-wait" && startedAt < at && end !== null && end.at > at,
    );
    return runs
      .filter(({ receipts }) => [...receipts.values()].some((text) => readReceipt(text).child === child))
      .filter(({ jobId }) =>
        this.sightingsOf(jobId).some((sighting) => sighting.at < at && sighting.request.path.includes(child)),
      )
      .map(({ jobId }) => this.job(jobId));
  }

  /** What the callbacks of a pipeline do where it has failed. */
  policiesOf({ project }: Pipeline): readonly Callback["onFailure"][] {
    const plan = this.play.world.projects.find(({ name }) => project.slug.endsWith(`/${name}`));
    return (plan?.workflows ?? []).flatMap(({ callback }) => callback?.onFailure ?? []);
  }

  /** How the workflow of a job calls back, as its configuration says. */
  callbackOf({ name, pipeline }: Workflow): Callback | null {
    return this.#planOf(pipeline)?.workflows.find((workflow) => workflow.name === name)?.callback ?? null;
  }

  /** The most careful of what the callbacks of a child are told to do, which holds for all of them. */
  strictestPolicyOf(child: Pipeline): Callback["onFailure"] {
    const wishes = this.#planOf(child)?.workflows.map(({ callback }) => callback?.onFailure) ?? [];
    return (["leave", "cancel"] as const).find((wish) => wishes.includes(wish)) ?? "approve";
  }

  #planOf({ project }: Pipeline) {
    return this.play.world.projects.find(({ name }) => project.slug.endsWith(`/${name}`));
  }
}

export function readReceipt(text: string): Testimony {
  const { pipeline, hold, cancelChild, ticket } = JSON.parse(text);
  return { child: pipeline?.id ?? null, hold, cancelChild, ticket };
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** The jobs that a job requires, in its workflow. */
export function upstreamOf(job: Job, workflow: Workflow): readonly Job[] {
  return workflow.jobs.filter(({ name }) =>
    job.definition.requires.some((required) => required.job === name),
  );
}

export function nameOf({ project, number }: Pipeline): string {
  return `${project.slug}#${number}`;
}

export function nameJob({ name, workflow }: Job): string {
  return `${name} of ${nameOf(workflow.pipeline)} (${workflow.name})`;
}
