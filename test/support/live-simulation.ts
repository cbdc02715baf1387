import { afterAll } from "vitest";
import { identifyUser } from "../../src/simulator/api/users.ts";
import { realClock } from "../../src/simulator/engine/clock.ts";
import type { Job, Pipeline, Workflow } from "../../src/simulator/engine/state.ts";
import { openSimulation } from "../../src/simulator/open-simulation.ts";
import { buildReport } from "../../src/simulator/report/build-report.ts";
import type { Report } from "../../src/simulator/report/report.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { makeFolder } from "./folders.ts";

/** One project in a simulator that goes on from one pipeline to the next, as the test says. */
export interface LiveSimulation {
  trigger(branch: string): Pipeline;
  approve(pipeline: Pipeline, job: string): void;
  cancel(pipeline: Pipeline): void;
  /** Runs that job again, and what comes after it. */
  rerun(pipeline: Pipeline, job: string): void;
  /** Resolves when the newest job of that name has that status; rejects when nothing moves any more before. */
  reached(pipeline: Pipeline, job: string, status: Job["status"]): Promise<void>;
  /** Resolves when nothing moves any more. */
  rest(): Promise<void>;
  /** Of everything so far. */
  report(): Report;
}

const human = identifyUser("human");

/** Opens the scenario, without its triggers and events. It is closed when all tests of the file have ended. */
export async function openLiveSimulation(scenario: string, slug: string): Promise<LiveSimulation> {
  const startedAt = realClock.now();
  const options = { clock: realClock, random: Math.random, jobRoot: makeFolder(), port: 0 };
  const { engine, api, findProject, close } = await openSimulation(loadScenario(scenario), options);
  afterAll(close, 60_000);

  const until = (isDone: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        const isAtRest = engine.isAtRest();
        if (!isDone() && !isAtRest) return;
        stop();
        if (isDone()) resolve();
        else reject(new Error(`Nothing moves any more, and ${what}.`));
      };
      const stop = engine.onChange(look);
      look();
    });
  return {
    trigger: (branch) =>
      engine.trigger({
        project: findProject(slug),
        branch,
        tag: null,
        parameters: {},
        actor: human,
        type: "api",
      }),
    approve: (pipeline, job) => engine.approve(newestJob(pipeline, job), human),
    cancel: (pipeline) => engine.cancelWorkflow(newestWorkflow(pipeline), human),
    rerun(pipeline, job) {
      engine.rerun(newestWorkflow(pipeline), { jobs: [newestJob(pipeline, job).id] }, human);
    },
    reached: (pipeline, name, status) =>
      until(
        () =>
          pipeline.workflows.at(-1)?.jobs.some((job) => job.name === name && job.status === status) === true,
        `${name} is not ${status}`,
      ),
    rest: () => until(() => engine.isAtRest(), "yet something does"),
    report: () =>
      buildReport({
        pipelines: engine.pipelines,
        first: engine.pipelines[0] ?? null,
        requests: api.requests,
        unused: { faults: [], events: [] },
        startedAt,
        stoppedAt: realClock.now(),
        timedOut: false,
      }),
  };
}

function newestWorkflow(pipeline: Pipeline): Workflow {
  const workflow = pipeline.workflows.at(-1);
  if (workflow === undefined) throw new Error("The pipeline has no workflow.");
  return workflow;
}

function newestJob(pipeline: Pipeline, name: string): Job {
  const job = newestWorkflow(pipeline).jobs.find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`There is no job ${name}.`);
  return job;
}
