import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobStatus, WorkflowStatus } from "../../../src/circleci/status.ts";
import type { CompiledWorkflowJob, RequiredStatus } from "../../../src/simulator/compiler/compiled-config.ts";
import { type Engine, Refusal } from "../../../src/simulator/engine/engine.ts";
import type { JobOutcome } from "../../../src/simulator/engine/job-runner.ts";
import type { Workflow } from "../../../src/simulator/engine/state.ts";
import {
  bert,
  job,
  makeWorld,
  pickWorkflow,
  showJobs,
  terminal,
  workflow,
} from "../../support/engine-world.ts";

interface Plan {
  readonly definition: CompiledWorkflowJob;
  readonly outcome: JobOutcome;
  readonly duration: number;
}

const ended: readonly JobStatus[] = [
  "success",
  "failed",
  "timedout",
  "infrastructure_fail",
  "canceled",
  "unauthorized",
  "not_run",
];

const statusesArbitrary: fc.Arbitrary<readonly RequiredStatus[]> = fc.oneof(
  fc.constant(["success"] as const),
  fc.constant(terminal),
  fc.uniqueArray(fc.constantFrom(...terminal), { minLength: 1 }),
);

/** A job that may require any of the jobs before it, so that there is no cycle. */
function planArbitrary(place: number): fc.Arbitrary<Plan> {
  return fc
    .record({
      type: fc.constantFrom("build", "build", "build", "approval", "no-op"),
      upstream: fc.array(fc.option(statusesArbitrary, { freq: 2 }), { minLength: place, maxLength: place }),
      isClosed: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
      outcome: fc.constantFrom<JobOutcome[]>(
        "success",
        "success",
        "success",
        "failed",
        "timedout",
        "infrastructure_fail",
        "canceled",
      ),
      duration: fc.integer({ min: 0, max: 300 }),
    })
    .map(({ type, upstream, isClosed, outcome, duration }) => {
      const requires = upstream.flatMap((statuses, index) =>
        statuses === null ? [] : [[`job ${index}`, ...statuses] as const],
      );
      const contexts = isClosed ? ["closed"] : [];
      return { definition: job(`job ${place}`, requires, { type, contexts }), outcome, duration };
    });
}

const plansArbitrary = fc
  .integer({ min: 1, max: 8 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, place) => planArbitrary(place))));

function makePlanned(plans: readonly Plan[], maxAutoReruns = 0) {
  return makeWorld({
    sources: {
      config: {
        workflows: [
          workflow(
            "main",
            // The order in which a configuration lists its jobs must not matter.
            plans.map(({ definition }) => definition).toReversed(),
            maxAutoReruns,
          ),
        ],
      },
    },
    contexts: [{ name: "closed", values: {}, allow: [] }],
    play: ({ name }) => plans.find(({ definition }) => definition.name === name) ?? {},
  });
}

/** What must become of the jobs when nobody touches the holds, thought out one job after the other. */
function foretell(plans: readonly Plan[]): Readonly<Record<string, JobStatus>> {
  const fate: Record<string, JobStatus> = {};
  for (const { definition, outcome } of plans) {
    const met = definition.requires.map(({ job: name, statuses }) => {
      const status = fate[name] ?? "blocked";
      if (!ended.includes(status)) return "open";
      const isFailure = ["timedout", "infrastructure_fail"].includes(status);
      const word = isFailure ? "failed" : status;
      return statuses.some((wanted) => wanted === word) ? "met" : "missed";
    });
    if (met.includes("missed")) fate[definition.name] = "not_run";
    else if (met.includes("open")) fate[definition.name] = "blocked";
    else if (definition.type === "approval") fate[definition.name] = "on_hold";
    else if (definition.type === "no-op") fate[definition.name] = "success";
    else fate[definition.name] = definition.contexts.length > 0 ? "unauthorized" : outcome;
  }
  return fate;
}

function foretellWorkflow(statuses: readonly JobStatus[]): WorkflowStatus {
  const has = (...wanted: readonly JobStatus[]) => statuses.some((status) => wanted.includes(status));
  const hasFailed = has("failed", "timedout", "infrastructure_fail");
  if (has("on_hold")) return hasFailed ? "failing" : "on_hold";
  if (hasFailed) return "failed";
  if (has("unauthorized")) return "unauthorized";
  if (has("canceled")) return "canceled";
  return "success";
}

type Deed = (engine: Engine, run: Workflow, place: number) => void;

const deeds: readonly Deed[] = [
  (engine, run, place) => engine.cancelJob(pick(run.jobs, place), bert),
  (engine, run, place) => engine.approve(pick(run.jobs, place), bert),
  (engine, run) => engine.cancelWorkflow(run, bert),
  (engine, run) => engine.rerun(run, "all", bert),
  (engine, run) => engine.rerun(run, "from-failed", bert),
  (engine, run, place) => engine.rerun(run, { jobs: [pick(run.jobs, place).id] }, bert),
];

function pick<T>(values: readonly T[], place: number): T {
  const value = values[place % values.length];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

/** What no moment may contradict, whoever looks. */
function checkSense(run: Workflow): void {
  const isOver = run.jobs.every(({ status }) => ended.includes(status));
  expect(["success", "failed", "canceled", "unauthorized", "not_run"].includes(run.status)).toBe(isOver);
  expect(run.stoppedAt !== null).toBe(isOver);
  for (const { status, startedAt, stoppedAt, definition } of run.jobs) {
    expect(stoppedAt !== null).toBe(ended.includes(status));
    if (status === "running" || status === "on_hold") expect(startedAt).not.toBeNull();
    if (status === "on_hold") expect(definition.type).toBe("approval");
  }
}

describe("the engine, for any graph of jobs", () => {
  it("comes to rest just where the requirements and outcomes lead", async () => {
    await fc.assert(
      fc.asyncProperty(plansArbitrary, async (plans) => {
        const { clock, engine, trigger } = makePlanned(plans);
        const pipeline = trigger();
        await clock.runUntilIdle();
        const run = pickWorkflow(pipeline);
        const fate = foretell(plans);
        expect(engine.isAtRest()).toBe(true);
        expect(showJobs(run)).toEqual(fate);
        expect(run.status).toBe(foretellWorkflow(Object.values(fate)));
      }),
      { numRuns: 150 },
    );
  });

  it("makes sense at every moment and rests in the end, whatever people do to it", async () => {
    const actsArbitrary = fc.array(
      fc.record({
        pause: fc.integer({ min: 0, max: 400 }),
        deed: fc.constantFrom(...deeds),
        place: fc.nat(7),
        runPlace: fc.nat(5),
      }),
      { maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(plansArbitrary, fc.nat(2), actsArbitrary, async (plans, maxAutoReruns, acts) => {
        const { clock, engine, trigger } = makePlanned(plans, maxAutoReruns);
        const pipeline = trigger();
        let isResting = false;
        engine.onChange(() => {
          expect(isResting).toBe(false);
          isResting = engine.isAtRest();
          for (const run of pipeline.workflows) checkSense(run);
        });
        await clock.advance(150);
        for (const { pause, deed, place, runPlace } of acts) {
          await clock.advance(pause);
          isResting = false;
          try {
            deed(engine, pick(pipeline.workflows, runPlace), place);
          } catch (error) {
            expect(error).toBeInstanceOf(Refusal);
          }
          isResting = engine.isAtRest();
        }
        await clock.runUntilIdle();
        expect(engine.isAtRest()).toBe(true);
        for (const run of pipeline.workflows) {
          const open = run.jobs.filter(({ status }) => !ended.includes(status));
          expect(open.filter(({ status }) => status !== "on_hold" && status !== "blocked")).toEqual([]);
          if (open.length > 0) expect(open.map(({ status }) => status)).toContain("on_hold");
        }
      }),
      { numRuns: 150 },
    );
  });
});
