import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { parseScenario } from "../../src/simulator/scenario/parse-scenario.ts";
import { runCampaign, shrinkFailure } from "../campaign/campaign.ts";
import { makeWorld } from "../campaign/make-world.ts";
import { buildMutant, makeMistake, mutants } from "../campaign/mutants.ts";
import { judgePlay } from "../campaign/oracle/judge-play.ts";
import { bot, play } from "../campaign/play.ts";
import { type Program, program } from "../campaign/program.ts";
import { writeScenario } from "../campaign/scenario/write-scenario.ts";
import type { World } from "../campaign/world.ts";
import { readWorld, writeWorld } from "../campaign/world-file.ts";
import { packedOrb, packedOrbWith } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { runScenario } from "../support/simulator.ts";

// Fixed seeds, so that a change is judged by itself: `npm run campaign` looks for worlds that nobody has seen.
test("the commands break no rule in 60 worlds", async () => {
  const { tally, failures } = await runCampaign(program, { seed: 1, runs: 60 });
  expect(failures).toEqual([]);
  expect(tally.count("children")).toBeGreaterThan(60);
  expect(tally.count("woken by the token")).toBeGreaterThan(15);
  expect(tally.count("faults met")).toBeGreaterThan(15);
});

test("a child whose time is up goes on where another rerun still waits for it", async () => {
  expect(judgePlay(await play(makeWorld(92_000_486), program))).toEqual([]);
});

test("a child is cancelled with its parent although its trigger's machine was lost before it had stored a receipt", async () => {
  const world = readWorld(`
seed: 3
projects:
  - name: a
    workflows:
      - name: main
        works: [{ name: work-1, takes: 60s }]
        calls: [{ project: b, receipt: b, cancelChild: true }]
  - name: b
    workflows: [{ name: main, works: [{ name: work-1, takes: 1s }], gates: [{ name: gate }] }]
faults:
  - { on: trigger, effect: lost-answer }
  - { on: pipelines, job: trigger-b, effect: "500", times: 5 }
events:
  - { when: { project: b, job: work-1, status: running }, do: lose-machine, project: a, workflow: main, job: trigger-b }
  - { when: { project: a, job: trigger-b, status: infrastructure_fail }, do: cancel-workflow, project: a, workflow: main }
`);
  const blind = await buildMutant({
    name: "a sweep does not look for the child of a trigger that was cut short",
    file: "src/commands/sweep/sweep-orphans.ts",
    from: "if (!isFailure(run.job.status) ||",
    to: "if (isFailure(run.job.status) ||",
    rule: "cancels",
    seed: 0,
  });
  expect(judgePlay(await play(world, program))).toEqual([]);
  expect(judgePlay(await play(world, blind)).map(({ rule }) => rule)).toEqual(["cancels"]);
});

/** From here on the worlds of consecutive seeds are played until the mistake is found. */
const mostRuns = 300;

describe("a mistake is found", () => {
  test.each(mutants)("$name", async (mutant) => {
    const program = await buildMutant(mutant);
    const { failures } = await runCampaign(program, {
      seed: mutant.seed,
      runs: mostRuns,
      stopsAt: ({ violations }) => violations.some(({ rule }) => rule === mutant.rule),
    });
    expect(failures.at(-1)?.violations.map(({ rule }) => rule)).toContain(mutant.rule);
  });
});

const brief = `
seed: 1
projects: [{ name: brief, workflows: [{ name: main, works: [{ name: work, takes: 0.1s }] }] }]
`;

describe("a world that fails", () => {
  const [mutant] = mutants;
  if (mutant === undefined) throw new Error("no mutant");
  let small: World;
  let broken: Program;

  beforeAll(async () => {
    broken = await buildMutant(mutant);
    const { failures } = await runCampaign(broken, {
      seed: mutant.seed,
      runs: mostRuns,
      stopsAt: () => true,
    });
    small = await shrinkFailure(broken, makeWorld(failures[0]?.seed ?? 0), mutant.rule);
  }, 120_000);

  test("is made small, and fails again as a file", async () => {
    const text = writeWorld(small, ["A remark."]);
    expect(text.split("\n").length).toBeLessThan(40);
    expect(readWorld(text)).toEqual(small);
    expect(judgePlay(await play(readWorld(text), broken)).map(({ rule }) => rule)).toEqual([mutant.rule]);
  });

  test("is written as a scenario, which shows the mistake with real jobs", async () => {
    // For a first workflow that never comes the parent would wait two minutes.
    const workflows = readWorld(brief).projects.flatMap((plan) => plan.workflows);
    const quick = {
      ...small,
      projects: small.projects.map((plan) => (plan.workflows.length > 0 ? plan : { ...plan, workflows })),
    };
    const countChildren = async (orb: string) => {
      const files = writeScenario(quick, { remarks: ["A remark."], orb, lastSweep: null });
      const report = await runScenario(join(makeFolder(files), "scenario.yml"), { timeout: 90_000 });
      expect(report.unused).toEqual({ faults: [], events: [] });
      return report.pipelines.filter(({ trigger }) => trigger.actor === bot).length;
    };
    const orbs = [await packedOrbWith(makeMistake(mutant), "broken"), await packedOrb()];
    expect(await Promise.all(orbs.map(countChildren))).toEqual([2, 1]);
  });
});

test("what stands in a scenario compiles, whatever world it comes from", async () => {
  const orbs = new Map([["acme/circleback@1", readFileSync(await packedOrb(), "utf8")]]);
  const problems = Array.from({ length: 5 }, (_, seed) => makeWorld(seed)).flatMap((world) => {
    const files = writeScenario(world, { remarks: [], orb: "orb.yml", lastSweep: 0 });
    parseScenario(files["scenario.yml"] ?? "", { file: "scenario.yml" });
    const sound = world.projects.filter(({ broken, workflows }) => !broken && workflows.length > 0);
    return sound.flatMap(({ name }) => {
      const source = files[`${name}/.circleci/config.yml`] ?? "";
      const parameters = { circleback: "a ticket" };
      const result = compile({ source, orbs, parameters, values: { "git.branch": "main" } });
      return result.ok ? [] : [`${world.seed}, ${name}: ${result.errors.map(({ message }) => message)}`];
    });
  });
  expect(problems).toEqual([]);
});

test("the same world always runs alike", async () => {
  const outputs = async () => (await play(makeWorld(7), program)).commandRuns.map(({ output }) => output);
  expect(await outputs()).toEqual(await outputs());
});
