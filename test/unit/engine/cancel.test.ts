import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/simulator/engine/engine.ts";
import {
  anna,
  bert,
  job,
  makeWorld,
  pickJob,
  pickWorkflow,
  show,
  terminal,
  workflow,
} from "../../support/engine-world.ts";

const jobs = [
  job("done"),
  job("running"),
  job("hold", ["done"], { type: "approval" }),
  job("blocked", ["running"]),
  job("report", [["running", ...terminal]]),
];

const goodbye = { index: 0, name: "Run", status: "canceled", exitCode: null, output: "bye" } as const;

async function makeBusy() {
  const world = makeWorld({
    sources: { config: { workflows: [workflow("main", jobs)] } },
    script: { done: [{ duration: 10 }], running: [{ lastWords: [goodbye] }] },
  });
  const pipeline = world.trigger();
  await world.clock.advance(500);
  return { ...world, pipeline, run: pickWorkflow(pipeline) };
}

describe("cancelWorkflow", () => {
  it("ends every open job, whatever it requires, and remembers who it was", async () => {
    const { clock, engine, pipeline, run } = await makeBusy();
    engine.cancelWorkflow(run, bert);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      {
        "main: canceled": {
          done: "success",
          running: "canceled",
          hold: "canceled",
          blocked: "canceled",
          report: "canceled",
        },
      },
    ]);
    expect([run.canceledBy, run.stoppedAt, pickJob(run, "running").steps]).toEqual([bert, 500, [goodbye]]);
    expect(() => engine.cancelWorkflow(run, bert)).toThrow(
      new Refusal("bad-request", "The workflow has ended: its status is canceled."),
    );
  });

  it("makes a failing workflow canceled, not failed, and calls off a job that is about to start", async () => {
    const { clock, engine, runner, trigger } = makeWorld({
      sources: {
        config: { workflows: [workflow("main", [job("bad"), job("next", [["bad", "failed"]])], 3)] },
      },
      script: { bad: [{ outcome: "failed" }] },
    });
    const pipeline = trigger();
    await clock.advance(1175);
    expect(show(pipeline).workflows).toEqual([{ "main: failing": { bad: "failed", next: "queued" } }]);
    engine.cancelWorkflow(pickWorkflow(pipeline), anna);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([{ "main: canceled": { bad: "failed", next: "canceled" } }]);
    expect(runner.assignments.map(({ name }) => name)).toEqual(["bad"]);
  });
});

describe("cancelJob", () => {
  it("ends a running job when the runner lets go of it, and the rest goes its way", async () => {
    const { clock, engine, pipeline, run } = await makeBusy();
    engine.cancelJob(pickJob(run, "running"), bert);
    expect(pickJob(run, "running").status).toBe("running");
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      {
        "main: on_hold": {
          done: "success",
          running: "canceled",
          hold: "on_hold",
          blocked: "not_run",
          report: "success",
        },
      },
    ]);
  });

  it("ends a blocked job before its turn, and refuses one that has ended", async () => {
    const { clock, engine, run } = await makeBusy();
    engine.cancelJob(pickJob(run, "blocked"), bert);
    await clock.runUntilIdle();
    expect(pickJob(run, "blocked")).toMatchObject({ status: "canceled", startedAt: null, stoppedAt: 500 });
    expect(() => engine.cancelJob(pickJob(run, "done"), bert)).toThrow(
      new Refusal("bad-request", "The job has ended: its status is success."),
    );
  });

  it("counts even if the job succeeds before the runner notices, and is passed on once", async () => {
    const { clock, engine, runner, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("build"), job("test", ["build"])])] } },
      script: { build: [{ ignoresCancel: true }] },
    });
    const pipeline = trigger();
    await clock.advance(500);
    const build = pickJob(pickWorkflow(pipeline), "build");
    engine.cancelJob(build, bert);
    engine.cancelJob(build, bert);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([{ "main: canceled": { build: "canceled", test: "not_run" } }]);
    expect([runner.cancels, build.stoppedAt]).toEqual([["build"], 1170]);
  });

  it("may be called by whoever hears that the job runs", async () => {
    const step = { index: 0, name: "Run", status: "running", exitCode: null, output: "" } as const;
    const { clock, engine, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("build"), job("test", ["build"])])] } },
      script: { build: [{ steps: [step] }] },
    });
    const pipeline = trigger();
    engine.onChange(() => {
      const build = pipeline.workflows[0]?.jobs[0];
      if (build?.status === "running") engine.cancelJob(build, bert);
    });
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([{ "main: canceled": { build: "canceled", test: "not_run" } }]);
  });
});

describe("shutdown", () => {
  it("ends every running job, leaves the state as it was and lets nothing begin", async () => {
    const { clock, engine, pipeline, run, runner, trigger } = await makeBusy();
    const early = trigger();
    let changes = 0;
    engine.onChange(() => {
      changes += 1;
    });
    const before = show(pipeline);
    await engine.shutdown();
    await clock.runUntilIdle();
    expect([show(pipeline), early.state, changes, engine.isAtRest()]).toEqual([before, "pending", 0, true]);
    expect(runner.assignments.map(({ name }) => name)).toEqual(["done", "running"]);
    expect(pickJob(run, "running").steps).toEqual([]);
    const refusal = new Refusal("conflict", "The service is shutting down.");
    expect(() => trigger()).toThrow(refusal);
    expect(() => engine.cancelWorkflow(run, bert)).toThrow(refusal);
    expect(() => engine.approve(pickJob(run, "hold"), bert)).toThrow(refusal);
  });
});
