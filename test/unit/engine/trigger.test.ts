import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/simulator/engine/engine.ts";
import type { Pipeline } from "../../../src/simulator/engine/state.ts";
import { anna, job, makeWorld, show, workflow } from "../../support/engine-world.ts";

const sources = { config: { parameters: { depth: 1 }, workflows: [workflow("main", [job("build")])] } };

describe("trigger", () => {
  it("answers with a pending pipeline, and has its workflows a moment later", async () => {
    const { clock, engine, trigger } = makeWorld({ sources });
    const seen: string[] = [];
    engine.onChange(() => {
      const [pipeline] = engine.pipelines;
      const runs = pipeline?.workflows.map((run) => `${run.status} ${run.jobs.map((one) => one.status)}`);
      seen.push(`${clock.now()} ${pipeline?.state} ${runs} ${engine.isAtRest() ? "at rest" : "at work"}`);
    });
    trigger();
    await clock.runUntilIdle();
    expect(seen).toEqual([
      "0 pending  at work",
      "100 created  at work",
      "150 created running queued at work",
      "170 created running running at work",
      "1170 created success success at rest",
    ]);
  });

  it("keeps what the trigger said, and fills in values once the configuration is compiled", async () => {
    const { app, clock, trigger } = makeWorld({ sources });
    const pipeline = trigger({ branch: "develop", parameters: { depth: 3 } });
    await clock.runUntilIdle();
    const { id, revision } = pipeline;
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(revision).toMatch(/^[\da-f]{40}$/);
    const { workflows: _, compiled: __, ...rest } = pipeline;
    expect(rest).toEqual({
      id,
      number: 1,
      project: app,
      state: "created",
      errors: [],
      parameters: { depth: 3 },
      values: {
        id,
        number: 1,
        "project.slug": "gh/acme/app",
        "project.git_url": "https://github.com/acme/app",
        "project.type": "github",
        integration_source: "github",
        "git.repo_url": "https://github.com/acme/app",
        "git.repo_owner": "acme",
        "git.repo_name": "app",
        "git.branch": "develop",
        "git.branch.is_default": false,
        "git.revision": revision,
        "trigger.type": "api",
        "trigger.received_at": "1970-01-01T00:00:00.000Z",
        trigger_source: "api",
        "event.name": "api",
        "event.action": "api",
        "parameters.depth": 3,
      },
      trigger: { type: "api", actor: anna, receivedAt: 0 },
      branch: "develop",
      tag: null,
      revision,
      createdAt: 0,
      updatedAt: 100,
      source: "config",
      setupSource: null,
      compiledSetup: null,
      continuationKey: null,
    });
  });

  it("counts pipelines and jobs by project, and keeps a branch at its commit", async () => {
    const { clock, engine, lib, trigger } = makeWorld({ sources });
    trigger();
    trigger({ project: lib });
    trigger({ branch: "main" });
    trigger({ tag: "v1" });
    await clock.runUntilIdle();
    const commits = new Map<string, string>();
    const nameCommit = (revision: string) => {
      const name = commits.get(revision) ?? `commit ${commits.size}`;
      commits.set(revision, name);
      return name;
    };
    const describePipeline = ({ project, number, branch, tag, revision, workflows }: Pipeline) => [
      project.slug,
      number,
      branch,
      tag,
      nameCommit(revision),
      workflows.flatMap((run) => run.jobs.map((one) => one.number)),
    ];
    expect(engine.pipelines.map(describePipeline)).toEqual([
      ["gh/acme/app", 1, "main", null, "commit 0", [1]],
      ["gh/acme/lib", 1, "main", null, "commit 1", [1]],
      ["gh/acme/app", 2, "main", null, "commit 0", [2]],
      ["gh/acme/app", 3, null, "v1", "commit 2", [3]],
    ]);
  });

  it.each([
    ["both a branch and a tag", { branch: "main", tag: "v1" }, "Only one of branch and tag can be given."],
    ["a branch that does not exist", { branch: "nowhere" }, "Branch not found"],
  ])("refuses %s, and changes nothing", async (_, request, message) => {
    const { clock, engine, trigger } = makeWorld({ sources });
    expect(() => trigger(request)).toThrow(new Refusal("bad-request", message));
    await clock.runUntilIdle();
    expect({ pipelines: engine.pipelines, rest: engine.isAtRest() }).toEqual({ pipelines: [], rest: true });
    expect(trigger().number).toBe(1);
  });

  it("ends errored when the configuration does not compile, takes other parameters or is not there", async () => {
    const wrong = {
      errors: [{ path: "jobs.build.steps.0", message: "Cannot find a definition for command" }],
    };
    const { app, clock, lib, trigger } = makeWorld({
      sources: { ...sources, wrong },
      texts: { "gh/acme/lib": null, "gh/acme/wrong": "wrong" },
    });
    const pipelines = [
      trigger({ parameters: { deep: 1 } }),
      trigger({ project: lib }),
      trigger({ project: { ...app, slug: "gh/acme/wrong" } }),
    ];
    await clock.runUntilIdle();
    expect(
      pipelines.map(({ state, errors, source, workflows }) => ({ state, errors, source, workflows })),
    ).toEqual([
      {
        state: "errored",
        errors: [{ type: "config", message: "Unexpected argument(s): deep" }],
        source: "config",
        workflows: [],
      },
      {
        state: "errored",
        errors: [{ type: "config-fetch", message: expect.stringContaining("No configuration was found") }],
        source: "",
        workflows: [],
      },
      {
        state: "errored",
        errors: [{ type: "config", message: "jobs.build.steps.0: Cannot find a definition for command" }],
        source: "wrong",
        workflows: [],
      },
    ]);
  });

  it("may be accepted without that a workflow ever runs", async () => {
    const { clock, engine, trigger } = makeWorld({ sources: { config: { workflows: [] } } });
    const rests: boolean[] = [];
    engine.onChange(() => rests.push(engine.isAtRest()));
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect([show(pipeline), rests]).toEqual([{ state: "created", workflows: [] }, [false, false, true]]);
  });

  it("gives the same ids for the same randomness", async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { clock, trigger } = makeWorld({ sources });
        const pipeline = trigger();
        await clock.runUntilIdle();
        return [pipeline.id, pipeline.workflows.map((run) => [run.id, run.jobs.map((one) => one.id)])];
      }),
    );
    expect(runs[0]).toEqual(runs[1]);
  });
});
