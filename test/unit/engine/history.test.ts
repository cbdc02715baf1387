import { describe, expect, it } from "vitest";
import type { Pipeline } from "../../../src/simulator/engine/state.ts";
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

const jobs = [job("build"), job("hold", ["build"], { type: "approval" })];

async function makeApproved() {
  const world = makeWorld({
    sources: { config: { workflows: [workflow("main", jobs)] } },
    script: { build: [{ artifacts: [{ path: "a", file: "/a" }] }] },
  });
  const pipeline = world.trigger();
  await world.clock.advance(2000);
  world.engine.approve(pickJob(pickWorkflow(pipeline), "hold"), bert);
  await world.clock.runUntilIdle();
  return { ...world, pipeline };
}

function showAll(pipelines: readonly Pipeline[]) {
  return pipelines.map(show);
}

describe("stateAt", () => {
  it("tells what every pipeline looked like at a time", async () => {
    const { engine, trigger } = await makeApproved();
    trigger();
    const created = (run: Readonly<Record<string, unknown>>) => [{ state: "created", workflows: [run] }];
    const times = [-1, 0, 99, 100, 160, 170, 1170, 2049, 2050];
    expect(times.map((time) => showAll(engine.stateAt(time)).slice(0, 1))).toEqual([
      [],
      [{ state: "pending", workflows: [] }],
      [{ state: "pending", workflows: [] }],
      [{ state: "created", workflows: [] }],
      created({ "main: running": { build: "queued", hold: "blocked" } }),
      created({ "main: running": { build: "running", hold: "blocked" } }),
      created({ "main: on_hold": { build: "success", hold: "on_hold" } }),
      created({ "main: on_hold": { build: "success", hold: "on_hold" } }),
      created({ "main: success": { build: "success", hold: "success" } }),
    ]);
    expect([2049, 2050].map((time) => engine.stateAt(time).map(({ number }) => number))).toEqual([
      [1],
      [1, 2],
    ]);
  });

  it("equals the live state now, in copies that refer to one another", async () => {
    const { clock, engine, pipeline } = await makeApproved();
    engine.rerun(pickWorkflow(pipeline), "all", anna);
    await clock.runUntilIdle();
    const copies = engine.stateAt(clock.now());
    expect(copies).toEqual(engine.pipelines);
    const [copy] = copies;
    if (copy === undefined) throw new Error("no copy");
    const [first, second] = copy.workflows;
    expect(copy).not.toBe(pipeline);
    expect(second?.rerunOf).toBe(first);
    expect(copy.workflows.every((run) => run.pipeline === copy)).toBe(true);
    expect(copy.workflows.every((run) => run.jobs.every((one) => one.workflow === run))).toBe(true);
  });

  it("has the artifacts of its time", async () => {
    const { engine } = await makeApproved();
    const listArtifacts = (time: number) =>
      engine.stateAt(time).map((pipeline) => pickJob(pickWorkflow(pipeline), "build").artifacts);
    expect([1169, 1170].map(listArtifacts)).toEqual([[[]], [[{ path: "a", file: "/a" }]]]);
  });

  it("is not changed by what happens later", async () => {
    const { clock, engine, pipeline } = await makeApproved();
    const then = engine.stateAt(1500);
    const before = showAll(then);
    engine.rerun(pickWorkflow(pipeline), "all", anna);
    await clock.runUntilIdle();
    expect([showAll(then), showAll(engine.stateAt(1500))]).toEqual([before, before]);
  });
});
