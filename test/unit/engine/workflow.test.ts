import { describe, expect, it } from "vitest";
import {
  job,
  makeWorld,
  pickJob,
  pickWorkflow,
  show,
  terminal,
  workflow,
} from "../../support/engine-world.ts";

describe("a workflow", () => {
  it("runs jobs as their requirements say, skips the impossible ones and passes no-op jobs at once", async () => {
    const jobs = [
      job("build"),
      job("test", ["build"]),
      job("gate", ["build"], { type: "no-op" }),
      job("deploy", ["test", "gate"]),
      job("after deploy", ["deploy"]),
      job("rollback", [["deploy", "failed", "canceled"]]),
      job("report", [
        ["test", "failed"],
        ["deploy", ...terminal],
      ]),
    ];
    const { clock, runner, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", jobs)] } },
      script: { test: [{ outcome: "failed" }] },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect(show(pipeline)).toEqual({
      state: "created",
      workflows: [
        {
          "main: failed": {
            build: "success",
            test: "failed",
            gate: "success",
            deploy: "not_run",
            "after deploy": "not_run",
            rollback: "not_run",
            report: "success",
          },
        },
      ],
    });
    expect(runner.assignments.map(({ name, number }) => [name, number])).toEqual([
      ["build", 1],
      ["test", 2],
      ["report", 3],
    ]);
  });

  it("keeps the times, numbers, steps and artifacts of its jobs", async () => {
    const begun = { index: 0, name: "Test", status: "running", exitCode: null, output: "…" } as const;
    const ended = { ...begun, status: "success", exitCode: 0, output: "… ok" } as const;
    const other = { ...ended, index: 1, name: "Store" } as const;
    const artifact = { path: "out/a.txt", file: "/tmp/a.txt" };
    const { clock, trigger } = makeWorld({
      sources: {
        config: { workflows: [workflow("main", [job("test"), job("pass", ["test"], { type: "no-op" })])] },
      },
      script: {
        test: [{ duration: 500, steps: [begun, other, ended], artifacts: [artifact], lastWords: [begun] }],
      },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    const run = pickWorkflow(pipeline);
    const facts = run.jobs.map(({ name, number, startedAt, stoppedAt, steps, artifacts }) => {
      return { name, number, startedAt, stoppedAt, steps, artifacts };
    });
    expect({ createdAt: run.createdAt, stoppedAt: run.stoppedAt, facts }).toEqual({
      createdAt: 150,
      stoppedAt: 670,
      facts: [
        {
          name: "test",
          number: 1,
          startedAt: 170,
          stoppedAt: 670,
          steps: [ended, other],
          artifacts: [artifact],
        },
        { name: "pass", number: null, startedAt: 670, stoppedAt: 670, steps: [], artifacts: [] },
      ],
    });
  });

  it("is failing while other jobs still run, and failed in the end", async () => {
    const { clock, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", [job("quick"), job("slow")])] } },
      script: { quick: [{ outcome: "timedout", duration: 10 }] },
    });
    const pipeline = trigger();
    await clock.advance(500);
    expect(show(pipeline).workflows).toEqual([{ "main: failing": { quick: "timedout", slow: "running" } }]);
    await clock.runUntilIdle();
    expect(show(pipeline).workflows).toEqual([{ "main: failed": { quick: "timedout", slow: "success" } }]);
  });

  it("tells the runner everything about a job, its layers in the order in which they were laid", async () => {
    const jobs = [
      job("last", ["slow", "quick", "skip"]),
      job("skip", ["quick"], { type: "no-op" }),
      job("slow", ["first"]),
      job("quick", ["first"]),
      job("first"),
      job("stranger"),
    ];
    const { app, clock, runner, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("main", jobs)] } },
      script: { quick: [{ duration: 10 }] },
    });
    const pipeline = trigger();
    await clock.runUntilIdle();
    const run = pickWorkflow(pipeline);
    const idOf = (name: string) => pickJob(run, name).id;
    expect(runner.assignments.at(-1)).toEqual({
      id: idOf("last"),
      number: 5,
      name: "last",
      definition: pipeline.compiled?.jobs.any,
      project: { slug: "gh/acme/app", id: app.id, organizationId: "acme" },
      pipeline: {
        id: pipeline.id,
        number: 1,
        branch: "main",
        tag: null,
        revision: pipeline.revision,
        actor: "anna",
      },
      workflow: { id: run.id, name: "main", workspaceId: run.id },
      environment: { FROM: "project", PLACE: "gh/acme/app" },
      continuationKey: null,
      upstreamJobIds: [idOf("first"), idOf("quick"), idOf("slow")],
    });
  });
});

describe("serial groups", () => {
  const deploy = (name: string) => job(name, [], { serialGroup: "deploy" });
  const sources = { config: { workflows: [workflow("main", [deploy("deploy")])] } };

  it("run one job at a time in the organisation, and a workflow that only waits for its turn is queued", async () => {
    const { clock, lib, trigger } = makeWorld({ sources });
    trigger({ project: lib, parameters: { wrong: true } });
    const first = trigger({ project: lib });
    const second = trigger();
    await clock.advance(1000);
    expect([show(first).workflows, show(second).workflows]).toEqual([
      [{ "main: running": { deploy: "running" } }],
      [{ "main: queued": { deploy: "queued" } }],
    ]);
    await clock.runUntilIdle();
    expect([first, second].map((pipeline) => pickWorkflow(pipeline).jobs[0])).toMatchObject([
      { status: "success", startedAt: 170, stoppedAt: 1170 },
      { status: "success", startedAt: 1190, stoppedAt: 2190 },
    ]);
  });

  it("skip the jobs of a pipeline that a newer one of its project has overtaken", async () => {
    const { clock, runner, trigger } = makeWorld({ sources });
    const pipelines = [trigger(), trigger(), trigger()];
    await clock.runUntilIdle();
    expect(runner.assignments.map(({ pipeline }) => pipeline.number)).toEqual([1, 3]);
    expect(pipelines.map((pipeline) => show(pipeline).workflows)).toEqual([
      [{ "main: success": { deploy: "success" } }],
      [{ "main: not_run": { deploy: "not_run" } }],
      [{ "main: success": { deploy: "success" } }],
    ]);
  });

  it("go on with the next job when one is canceled, be it the running or a waiting one", async () => {
    const { app, clock, engine, lib, runner, trigger } = makeWorld({ sources });
    const other = { ...app, slug: "gh/acme/other" };
    const pipelines = [trigger(), trigger({ project: lib }), trigger({ project: other })];
    await clock.advance(500);
    const [running, waiting] = pipelines.map((pipeline) => pickJob(pickWorkflow(pipeline), "deploy"));
    if (running === undefined || waiting === undefined) throw new Error("no jobs");
    const showWorkflows = () => pipelines.map((pipeline) => show(pipeline).workflows);
    engine.cancelJob(waiting, running.actor);
    await clock.advance(100);
    expect(showWorkflows()).toEqual([
      [{ "main: running": { deploy: "running" } }],
      [{ "main: canceled": { deploy: "canceled" } }],
      [{ "main: queued": { deploy: "queued" } }],
    ]);
    engine.cancelJob(running, running.actor);
    await clock.advance(100);
    expect(showWorkflows()).toEqual([
      [{ "main: canceled": { deploy: "canceled" } }],
      [{ "main: canceled": { deploy: "canceled" } }],
      [{ "main: running": { deploy: "running" } }],
    ]);
    expect(runner.assignments.map(({ project }) => project.slug)).toEqual(["gh/acme/app", "gh/acme/other"]);
  });
});
