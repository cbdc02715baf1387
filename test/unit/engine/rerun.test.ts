import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/simulator/engine/engine.ts";
import type { Workflow } from "../../../src/simulator/engine/state.ts";
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
import type { Play } from "../../support/scripted-runner.ts";

const jobs = [
  job("build"),
  job("hold", ["build"], { type: "approval" }),
  job("test", ["hold"], { contexts: ["secrets"] }),
  job("deploy", ["test"]),
  job("report", [["test", ...terminal]]),
];
const failed: Play = { outcome: "failed" };

/** A workflow whose hold bert has approved and whose test has failed. */
async function makeFailed({ maxAutoReruns = 0, test = [failed] as readonly Play[] } = {}) {
  const world = makeWorld({
    sources: { config: { workflows: [workflow("main", jobs, maxAutoReruns)] } },
    script: { build: [{ artifacts: [{ path: "a.txt", file: "/a.txt" }] }], test },
    contexts: [{ name: "secrets", values: {}, allow: ["bert"] }],
  });
  const pipeline = world.trigger();
  await world.clock.runUntilIdle();
  const run = pickWorkflow(pipeline);
  world.engine.approve(pickJob(run, "hold"), bert);
  await world.clock.runUntilIdle();
  return { ...world, pipeline, run };
}

const firstRun = {
  "main: failed": { build: "success", hold: "success", test: "failed", deploy: "not_run", report: "success" },
};

/** How the jobs of a rerun relate to those of the run before. */
function compareJobs(before: Workflow, after: Workflow) {
  return Object.fromEntries(
    after.jobs.map((job) => {
      const old = pickJob(before, job.name);
      const { workflow: _, ...kept } = old;
      const { workflow: owner, ...now } = job;
      expect(owner).toBe(after);
      if (old.id !== job.id) return [job.name, "new"];
      expect(now).toEqual(kept);
      return [job.name, "kept"];
    }),
  );
}

describe("rerun", () => {
  it("from the start repeats every job in a new workflow of the same pipeline", async () => {
    const { clock, engine, pipeline, run } = await makeFailed();
    const rerun = engine.rerun(run, "all", bert);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      firstRun,
      {
        "main: on_hold": {
          build: "success",
          hold: "on_hold",
          test: "blocked",
          deploy: "blocked",
          report: "blocked",
        },
      },
    ]);
    expect(compareJobs(run, rerun)).toEqual({
      build: "new",
      hold: "new",
      test: "new",
      deploy: "new",
      report: "new",
    });
    const { startedBy, rerunOf, workspaceId, autoRerunNumber } = rerun;
    expect({ startedBy, rerunOf, workspaceId, autoRerunNumber }).toEqual({
      startedBy: bert,
      rerunOf: run,
      workspaceId: run.id,
      autoRerunNumber: 0,
    });
  });

  it("from failed keeps what succeeded, in the same workspace", async () => {
    const { clock, engine, pipeline, run, runner } = await makeFailed();
    const rerun = engine.rerun(run, "from-failed", bert);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([
      firstRun,
      {
        "main: success": {
          build: "success",
          hold: "success",
          test: "success",
          deploy: "success",
          report: "success",
        },
      },
    ]);
    expect(compareJobs(run, rerun)).toEqual({
      build: "kept",
      hold: "kept",
      test: "new",
      deploy: "new",
      report: "kept",
    });
    expect(pickJob(rerun, "build").artifacts).toEqual([{ path: "a.txt", file: "/a.txt" }]);
    const again = runner.assignments.slice(-2).map(({ name, workflow, upstreamJobIds }) => ({
      name,
      workflow,
      upstreamJobIds,
    }));
    const shared = { id: rerun.id, name: "main", workspaceId: run.id };
    expect(again).toEqual([
      { name: "test", workflow: shared, upstreamJobIds: [pickJob(run, "build").id] },
      {
        name: "deploy",
        workflow: shared,
        upstreamJobIds: [pickJob(run, "build").id, pickJob(rerun, "test").id],
      },
    ]);
  });

  it("of a canceled workflow ends as its own jobs do", async () => {
    const { clock, engine, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("build")])] } },
    });
    const pipeline = trigger();
    await clock.advance(500);
    engine.cancelWorkflow(pickWorkflow(pipeline), bert);
    await clock.runUntilIdle();
    engine.rerun(pickWorkflow(pipeline), "from-failed", anna);
    await clock.runUntilIdle();
    expect(pipeline.workflows.map(({ status, canceledBy }) => ({ status, canceledBy }))).toEqual([
      { status: "canceled", canceledBy: bert },
      { status: "success", canceledBy: null },
    ]);
  });

  it("by hand has the rights of whoever reruns, not of an earlier approver", async () => {
    const { clock, engine, run } = await makeFailed();
    const rerun = engine.rerun(run, "from-failed", anna);
    await clock.runUntilIdle();
    expect([rerun.status, pickJob(rerun, "test").status]).toEqual(["unauthorized", "unauthorized"]);
  });

  it("of jobs repeats them and all that is downstream", async () => {
    const { clock, engine, run } = await makeFailed();
    const rerun = engine.rerun(run, { jobs: [pickJob(run, "test").id] }, bert);
    await clock.runUntilIdle();
    expect(compareJobs(run, rerun)).toEqual({
      build: "kept",
      hold: "kept",
      test: "new",
      deploy: "new",
      report: "new",
    });
    expect([rerun.status, rerun.workspaceId]).toEqual(["success", run.id]);
  });

  it("is refused while the workflow runs, without a failure, and for jobs of others", async () => {
    const { clock, engine, run } = await makeFailed();
    const rerun = engine.rerun(run, "from-failed", bert);
    expect(() => engine.rerun(rerun, "all", bert)).toThrow(
      new Refusal("conflict", "The workflow is still running."),
    );
    await clock.runUntilIdle();
    expect(() => engine.rerun(rerun, "from-failed", bert)).toThrow(
      new Refusal("bad-request", "The workflow has no failed jobs to rerun."),
    );
    expect(() => engine.rerun(rerun, { jobs: [pickJob(run, "test").id] }, bert)).toThrow(
      new Refusal("bad-request", `The workflow has no job ${pickJob(run, "test").id}.`),
    );
    expect(() => engine.rerun(rerun, { jobs: [] }, bert)).toThrow(
      new Refusal("bad-request", "No jobs to rerun."),
    );
    expect(run.pipeline.workflows).toHaveLength(2);
  });

  it("is refused for the hundred and first time, whichever run it starts from", async () => {
    const { clock, engine, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("pass", [], { type: "no-op" })])] } },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    let run = pickWorkflow(pipeline);
    for (let count = 0; count < 100; count += 1) run = engine.rerun(run, "all", anna);
    const refusal = new Refusal("bad-request", "A workflow can be rerun at most 100 times.");
    expect(() => engine.rerun(run, "all", anna)).toThrow(refusal);
    expect(() => engine.rerun(pickWorkflow(pipeline), "all", anna)).toThrow(refusal);
    expect(pipeline.workflows).toHaveLength(101);
  });
});

describe("automatic reruns", () => {
  it("follow a failure at once, with the rights of the run before, as often as the workflow says", async () => {
    const { pipeline } = await makeFailed({ maxAutoReruns: 2, test: [failed, failed, failed] });
    const again = {
      "main: failed": {
        build: "success",
        hold: "success",
        test: "failed",
        deploy: "not_run",
        report: "success",
      },
    };
    expect(show(pipeline).workflows).toEqual([firstRun, again, again]);
    expect(
      pipeline.workflows.map(({ autoRerunNumber, startedBy, createdAt, stoppedAt }) => ({
        autoRerunNumber,
        startedBy,
        createdAt,
        stoppedAt,
      })),
    ).toEqual([
      { autoRerunNumber: 0, startedBy: anna, createdAt: 150, stoppedAt: 3260 },
      { autoRerunNumber: 1, startedBy: anna, createdAt: 3260, stoppedAt: 4280 },
      { autoRerunNumber: 2, startedBy: anna, createdAt: 4280, stoppedAt: 5300 },
    ]);
  });

  it("stop with the first success", async () => {
    const { pipeline } = await makeFailed({ maxAutoReruns: 5, test: [failed, failed] });
    expect(pipeline.workflows.map(({ status }) => status)).toEqual(["failed", "failed", "success"]);
  });

  it("do not follow a rerun by hand, nor a workflow that was canceled", async () => {
    const { clock, engine, pipeline, run } = await makeFailed({
      maxAutoReruns: 1,
      test: [failed, failed, failed],
    });
    engine.rerun(run, "from-failed", bert);
    await clock.runUntilIdle();
    const canceled = engine.rerun(run, "all", bert);
    engine.cancelWorkflow(canceled, bert);
    await clock.runUntilIdle();
    expect(pipeline.workflows.map(({ status, autoRerunNumber }) => [status, autoRerunNumber])).toEqual([
      ["failed", 0],
      ["failed", 1],
      ["failed", 0],
      ["canceled", 0],
    ]);
  });
});
