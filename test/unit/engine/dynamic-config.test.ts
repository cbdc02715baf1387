import { describe, expect, it } from "vitest";
import type { ParameterValue } from "../../../src/simulator/compiler/compiled-config.ts";
import { Refusal } from "../../../src/simulator/engine/engine.ts";
import { anna, job, makeWorld, pickWorkflow, show, workflow } from "../../support/engine-world.ts";
import type { Play } from "../../support/scripted-runner.ts";

const sources = {
  config: { setup: true, parameters: { depth: 1 }, workflows: [workflow("setup", [job("choose")], 1)] },
  work: { parameters: { depth: 2, place: "here" }, workflows: [workflow("main", [job("build")])] },
  strict: { workflows: [workflow("main", [job("build")])] },
  wrong: { errors: [{ path: "workflows", message: "Job 'x' requires 'y'" }] },
};

/** A world whose setup job continues with the given text, and what became of the attempt. */
function makeContinuing(
  source: string,
  given: Readonly<Record<string, ParameterValue>> = {},
  play: Play = {},
) {
  const answers: string[] = [];
  const attempt = (key: string | null) => {
    try {
      world.engine.continuePipeline(key ?? "none", source, given);
      answers.push("accepted");
    } catch (error) {
      answers.push(error instanceof Refusal ? `${error.kind}: ${error.message}` : "bug");
    }
  };
  const script = { choose: [{ ...play, act: ({ continuationKey }) => attempt(continuationKey) } as Play] };
  const world = makeWorld({ sources, script });
  return { ...world, answers, attempt };
}

describe("a dynamic configuration", () => {
  it("goes from setup-pending over setup and pending to created, and adds its workflows to the pipeline", async () => {
    const { answers, clock, engine, runner, trigger } = makeContinuing("work", { place: "there" });
    const states: string[] = [];
    const pipeline = trigger();
    engine.onChange(() => {
      const rest = engine.isAtRest() ? "at rest" : "at work";
      states.push(
        `${clock.now()} ${pipeline.state} ${pipeline.workflows.map(({ status }) => status)} ${rest}`,
      );
    });
    await clock.runUntilIdle();
    expect(states).toEqual([
      "100 setup-pending  at work",
      "150 setup running at work",
      "170 setup running at work",
      "170 pending running at work",
      "270 created running at work",
      "320 created running,running at work",
      "340 created running,running at work",
      "1170 created success,running at work",
      "1340 created success,success at rest",
    ]);
    expect(pipeline.workflows.map(({ name, tag, startedBy }) => [name, tag, startedBy])).toEqual([
      ["setup", "setup", anna],
      ["main", null, anna],
    ]);
    const { setupSource, source, continuationKey, values } = pipeline;
    expect({ setupSource, source, continuationKey, values, answers }).toEqual({
      setupSource: "config",
      source: "work",
      continuationKey: null,
      values: expect.objectContaining({ "parameters.depth": 2, "parameters.place": "there" }),
      answers: ["accepted"],
    });
    expect(runner.assignments.map(({ name, continuationKey: key }) => [name, typeof key])).toEqual([
      ["choose", "string"],
      ["build", "object"],
    ]);
  });

  it("is continued once", async () => {
    const { answers, attempt, clock, runner, trigger } = makeContinuing("work");
    const pipeline = trigger();
    await clock.runUntilIdle();
    attempt(runner.assignments[0]?.continuationKey ?? null);
    attempt("unknown key");
    await clock.runUntilIdle();
    expect(answers).toEqual([
      "accepted",
      "conflict: Pipeline is not in setup state",
      "not-found: Pipeline not found",
    ]);
    expect(pipeline.workflows.map(({ name }) => name)).toEqual(["setup", "main"]);
  });

  it("cannot be continued later than six hours after its creation", async () => {
    const { clock, engine, trigger } = makeWorld({ sources });
    const pipeline = trigger();
    await clock.advance(6 * 60 * 60 * 1000 + 1);
    expect(() => engine.continuePipeline(pipeline.continuationKey ?? "", "work", {})).toThrow(
      new Refusal("bad-request", "The pipeline was created more than six hours ago."),
    );
  });

  it("stays in setup when nobody continues it, and may be set up again then", async () => {
    const { clock, engine, trigger } = makeWorld({ sources });
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect([show(pipeline), engine.isAtRest()]).toEqual([
      { state: "setup", workflows: [{ "setup: success": { choose: "success" } }] },
      true,
    ]);
    const rerun = engine.rerun(pickWorkflow(pipeline), "all", anna);
    await clock.runUntilIdle();
    expect([rerun.status, rerun.tag]).toEqual(["success", "setup"]);
  });

  it("is not set up again once it has been continued, not even automatically", async () => {
    const { clock, engine, trigger } = makeContinuing("work", {}, { outcome: "failed" });
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect(pipeline.workflows.map(({ name, status }) => [name, status])).toEqual([
      ["setup", "failed"],
      ["main", "success"],
    ]);
    expect(() => engine.rerun(pickWorkflow(pipeline), "all", anna)).toThrow(
      new Refusal("conflict", "A setup workflow cannot be rerun once its pipeline has been continued."),
    );
  });

  it("takes the trigger's parameters along to the continued configuration, which must declare them", async () => {
    const carried = makeContinuing("work");
    const refused = makeContinuing("strict");
    const pipelines = [carried, refused].map(({ trigger }) => trigger({ parameters: { depth: 7 } }));
    await carried.clock.runUntilIdle();
    await refused.clock.runUntilIdle();
    expect(pipelines.map(({ state, errors, values }) => [state, errors, values["parameters.depth"]])).toEqual(
      [
        ["created", [], 7],
        ["errored", [{ type: "config", message: "Unexpected argument(s): depth" }], 7],
      ],
    );
  });

  it.each([
    ["with a value of its own", 7, "conflict: Conflicting pipeline parameters.", "setup"],
    ["with the setup's default", 1, "accepted", "created"],
  ])("meets a parameter that the trigger gave %s", async (_, depth, answer, state) => {
    const { answers, clock, trigger } = makeContinuing("work", { depth: 3 });
    const pipeline = trigger({ parameters: { depth } });
    await clock.runUntilIdle();
    expect([answers, pipeline.state]).toEqual([[answer], state]);
  });

  it.each([
    ["does not compile", "wrong", "workflows: Job 'x' requires 'y'"],
    [
      "is a setup configuration, too",
      "config",
      "A pipeline cannot be continued with another setup configuration.",
    ],
  ])("ends errored when the continued configuration %s", async (_, source, message) => {
    const { clock, trigger } = makeContinuing(source);
    const pipeline = trigger();
    await clock.runUntilIdle();
    expect([show(pipeline), pipeline.errors]).toEqual([
      { state: "errored", workflows: [{ "setup: success": { choose: "success" } }] },
      [{ type: "config", message }],
    ]);
  });
});
