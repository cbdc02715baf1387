import { expect, test } from "vitest";
import { identifyUser } from "../../../src/simulator/api/users.ts";
import { parseScenario } from "../../../src/simulator/scenario/parse-scenario.ts";
import { playEvents } from "../../../src/simulator/scenario/play-events.ts";
import { job, makeWorld, show, workflow } from "../../support/engine-world.ts";
import type { Play } from "../../support/scripted-runner.ts";

const config = {
  workflows: [
    workflow("main", [
      job("build"),
      job("test", ["build"]),
      job("hold", ["test"], { type: "approval" }),
      job("ship", ["hold"]),
    ]),
  ],
};

/** A virtual world in which the events play from the start. */
function playedWorld(events: string, script: Readonly<Record<string, readonly Play[]>> = {}) {
  const world = makeWorld({ sources: { config }, script });
  const { engine, clock, app, lib } = world;
  const projects = "projects: { gh/acme/app: { path: . }, gh/acme/lib: { path: . } }";
  const scenario = parseScenario(`${projects}\nevents: ${events}`, { file: "a.yml" });
  const begin = () =>
    playEvents({
      events: scenario.events,
      engine,
      clock,
      findProject: (slug) => (slug === app.slug ? app : lib),
      findUser: identifyUser,
      onAction: () => {},
    });
  return { ...world, begin };
}

test("fires for a condition that is true already", async () => {
  const { begin, clock, trigger } = playedWorld("[{ on: { job: hold, status: on_hold }, do: approve }]");
  const pipeline = trigger();
  await clock.runUntilIdle();
  begin();
  await clock.runUntilIdle();
  expect(show(pipeline).workflows).toEqual([
    { "main: success": { build: "success", test: "success", hold: "success", ship: "success" } },
  ]);
});

test("waits for its delay first, and is not at rest meanwhile", async () => {
  const { begin, clock, trigger } = playedWorld(
    "[{ on: { job: hold, status: on_hold }, do: cancel-workflow, delay: 1h }]",
  );
  const pipeline = trigger();
  const player = begin();
  await clock.advance(3_599_000);
  const waiting = [player.isAtRest(), pipeline.workflows[0]?.status];
  await clock.advance(10_000);
  expect([waiting, [player.isAtRest(), pipeline.workflows[0]?.status]]).toEqual([
    [false, "on_hold"],
    [true, "canceled"],
  ]);
});

test("sees a status that passes at once", async () => {
  const { begin, clock, engine, lib, trigger } = playedWorld(
    "[{ on: { job: test, status: running }, do: trigger, project: gh/acme/lib }]",
    { test: [{ duration: 0 }] },
  );
  trigger();
  begin();
  await clock.runUntilIdle();
  expect(engine.pipelines.map(({ project, trigger }) => [project.slug, trigger.actor.login])).toEqual([
    ["gh/acme/app", "anna"],
    [lib.slug, "human"],
  ]);
});

test.each([
  ["", 2, 2],
  ["times: 2", 3, 3],
  ["times: 9", 3, 4],
])("reruns with { %s } after %i failures make %i runs", async (times, failures, runs) => {
  const failing = Array.from({ length: failures }, (): Play => ({ outcome: "failed" }));
  const { begin, clock, trigger } = playedWorld(
    `[{ on: { workflow: main, status: failed }, do: rerun-from-failed, ${times} }]`,
    { test: failing },
  );
  const pipeline = trigger();
  begin();
  await clock.runUntilIdle();
  expect(pipeline.workflows.length).toBe(runs);
});

test("counts one object once for as long as it meets the condition", async () => {
  const { begin, clock, engine, trigger } = playedWorld(
    "[{ on: { project: gh/acme/app, job: build, status: success }, do: trigger, project: gh/acme/lib, times: 5 }]",
  );
  trigger();
  begin();
  await clock.runUntilIdle();
  expect(engine.pipelines.map(({ project }) => project.slug)).toEqual(["gh/acme/app", "gh/acme/lib"]);
});

test("tries a refused action again while its condition holds", async () => {
  const { begin, clock, trigger } = playedWorld(
    "[{ on: { workflow: main }, do: approve, with: { job: hold, as: bert } }]",
  );
  const pipeline = trigger();
  const player = begin();
  await clock.runUntilIdle();
  expect([pipeline.workflows[0]?.jobs[2]?.approvedBy?.login, player.unused()]).toEqual(["bert", []]);
});

test("says why an action never took effect", async () => {
  const { begin, clock, trigger } = playedWorld("[{ on: { job: build, status: success }, do: cancel-job }]");
  trigger();
  const player = begin();
  await clock.runUntilIdle();
  expect(player.unused().map(({ refusal }) => refusal)).toEqual([
    "The job has ended: its status is success.",
  ]);
});

test("does nothing more once it is stopped", async () => {
  const { begin, clock, trigger } = playedWorld(
    "[{ on: { job: build, status: running }, do: cancel-workflow, delay: 1m }]",
  );
  const pipeline = trigger();
  const player = begin();
  await clock.advance(30_000);
  player.stop();
  await clock.runUntilIdle();
  expect(pipeline.workflows[0]?.status).toBe("on_hold");
});
