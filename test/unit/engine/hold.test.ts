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
  workflow,
} from "../../support/engine-world.ts";

const jobs = [
  job("build"),
  job("hold", ["build"], { type: "approval" }),
  job("deploy", ["hold"], { contexts: ["deploy"] }),
  job("rejected", [["hold", "canceled"]]),
];
const deployContext = { name: "deploy", values: { KEY: "secret", FROM: "context" }, allow: ["bert"] };

async function reachHold() {
  const world = makeWorld({
    sources: { config: { workflows: [workflow("main", jobs)] } },
    contexts: [deployContext],
  });
  const pipeline = world.trigger();
  await world.clock.runUntilIdle();
  const run = pickWorkflow(pipeline);
  return { ...world, pipeline, run, hold: pickJob(run, "hold") };
}

describe("a hold", () => {
  it("waits at rest, with a number and a beginning of its own", async () => {
    const { engine, hold, pipeline } = await reachHold();
    expect(show(pipeline).workflows).toEqual([
      { "main: on_hold": { build: "success", hold: "on_hold", deploy: "blocked", rejected: "blocked" } },
    ]);
    expect([hold.number, hold.startedAt, hold.stoppedAt, engine.isAtRest()]).toEqual([2, 1170, null, true]);
  });

  it("is released a moment after its approval, and what follows has the approver's rights", async () => {
    const { clock, engine, hold, pipeline, run, runner } = await reachHold();
    engine.approve(hold, bert);
    expect([hold.status, engine.isAtRest()]).toEqual(["on_hold", false]);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      { "main: success": { build: "success", hold: "success", deploy: "success", rejected: "not_run" } },
    ]);
    expect([hold.approvedBy, hold.stoppedAt, pickJob(run, "deploy").actor]).toEqual([bert, 1220, bert]);
    expect(runner.assignments.at(-1)?.environment).toEqual({
      FROM: "context",
      PLACE: "gh/acme/app",
      KEY: "secret",
    });
  });

  it("leads to unauthorized jobs when the approver may not use their contexts", async () => {
    const { clock, engine, hold, pipeline, runner } = await reachHold();
    engine.approve(hold, anna);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      {
        "main: unauthorized": {
          build: "success",
          hold: "success",
          deploy: "unauthorized",
          rejected: "not_run",
        },
      },
    ]);
    expect(runner.assignments.map(({ name }) => name)).toEqual(["build"]);
  });

  it("passes the rights on of whoever approved last, where there are several", async () => {
    const { clock, engine, trigger } = makeWorld({
      sources: {
        config: {
          workflows: [
            workflow("main", [
              job("first", [], { type: "approval" }),
              job("second", [], { type: "approval" }),
              job("deploy", ["first", "second"]),
            ]),
          ],
        },
      },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    const run = pickWorkflow(pipeline);
    engine.approve(pickJob(run, "second"), anna);
    await clock.runUntilIdle();
    engine.approve(pickJob(run, "first"), bert);
    await clock.runUntilIdle();
    expect([run.status, pickJob(run, "deploy").actor]).toEqual(["success", bert]);
  });

  it("belongs to the first of two who approve at the same time", async () => {
    const { clock, engine, hold } = await reachHold();
    engine.approve(hold, bert);
    engine.approve(hold, anna);
    await clock.runUntilIdle();
    expect([hold.approvedBy, engine.isAtRest()]).toEqual([bert, true]);
  });

  it("can be canceled, which lets those run that require just that", async () => {
    const { clock, engine, hold, pipeline } = await reachHold();
    engine.cancelJob(hold, bert);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      { "main: canceled": { build: "success", hold: "canceled", deploy: "not_run", rejected: "success" } },
    ]);
  });

  it("stays canceled when its approval was accepted before but not yet done", async () => {
    const { clock, engine, hold } = await reachHold();
    engine.approve(hold, bert);
    engine.cancelJob(hold, bert);
    await clock.runUntilIdle();
    expect([hold.status, hold.approvedBy, engine.isAtRest()]).toEqual(["canceled", null, true]);
  });

  it("says when the last approval has come to nothing, since all is at rest then", async () => {
    const { clock, engine, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("hold", [], { type: "approval" })])] } },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    const hold = pickJob(pickWorkflow(pipeline), "hold");
    engine.approve(hold, bert);
    engine.cancelJob(hold, bert);
    const rests: boolean[] = [];
    engine.onChange(() => rests.push(engine.isAtRest()));
    await clock.runUntilIdle();
    expect(rests).toEqual([true]);
  });

  it("is approved only while it waits, and only if it is one", async () => {
    const { clock, engine, hold, run, trigger } = await reachHold();
    const early = trigger();
    await clock.advance(200);
    const refusal = (status: string) =>
      new Refusal("bad-request", `The job cannot be approved: its status is ${status}.`);
    expect(() => engine.approve(pickJob(pickWorkflow(early), "hold"), bert)).toThrow(refusal("blocked"));
    expect(() => engine.approve(pickJob(run, "build"), bert)).toThrow(
      new Refusal("bad-request", "The job is not an approval job."),
    );
    engine.approve(hold, bert);
    await clock.advance(100);
    expect(() => engine.approve(hold, bert)).toThrow(refusal("success"));
  });
});

describe("contexts", () => {
  it("come after the project's variables, a later one winning", async () => {
    const { clock, runner, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("build", [], { contexts: ["b", "a"] })])] } },
      contexts: [
        { name: "a", values: { FROM: "a", A: "1" }, allow: ["anna"] },
        { name: "b", values: { FROM: "b", B: "2" }, allow: null },
      ],
    });
    trigger();
    await clock.runUntilIdle();
    expect(runner.assignments.map(({ environment }) => environment)).toEqual([
      { FROM: "a", PLACE: "gh/acme/app", A: "1", B: "2" },
    ]);
  });

  it("make a job unauthorized when they are closed to whoever triggered, or unknown", async () => {
    const { clock, runner, trigger } = makeWorld({
      sources: {
        config: {
          workflows: [
            workflow("closed", [job("build", [], { contexts: ["deploy"] }), job("test", ["build"])]),
            workflow("unknown", [job("build", [], { contexts: ["nothing"] })]),
          ],
        },
      },
      contexts: [deployContext],
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      { "closed: unauthorized": { build: "unauthorized", test: "not_run" } },
      { "unknown: unauthorized": { build: "unauthorized" } },
    ]);
    expect(runner.assignments).toEqual([]);
  });
});
