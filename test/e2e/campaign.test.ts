import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { runCampaign, shrinkFailure } from "../campaign/campaign.ts";
import { makeWorld } from "../campaign/make-world.ts";
import { buildMutant, mutants } from "../campaign/mutants.ts";
import { judgePlay } from "../campaign/oracle/judge-play.ts";
import { play } from "../campaign/play.ts";
import { program } from "../campaign/program.ts";
import { readWorld, writeWorld } from "../campaign/world-file.ts";

const anySeed = randomInt(1_000_000_000);

test.each([
  ["the worlds of fixed seeds", 1, 40],
  [`worlds nobody has seen, from seed ${anySeed} on`, anySeed, 20],
])("the commands break no rule in %s", async (_, seed, runs) => {
  const { tally, failures } = await runCampaign(program, { seed, runs });
  expect(failures).toEqual([]);
  expect(tally.count("children")).toBeGreaterThan(runs);
  expect(tally.count("woken by the token")).toBeGreaterThan(runs / 4);
  expect(tally.count("faults met")).toBeGreaterThan(runs / 4);
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

test("a world that fails is made small, and fails again as a file", async () => {
  const [mutant] = mutants;
  if (mutant === undefined) throw new Error("no mutant");
  const broken = await buildMutant(mutant);
  const { failures } = await runCampaign(broken, { seed: mutant.seed, runs: mostRuns, stopsAt: () => true });
  const world = makeWorld(failures[0]?.seed ?? 0);
  const small = await shrinkFailure(broken, world, mutant.rule);
  const text = writeWorld(small, ["A remark."]);
  expect(text.split("\n").length).toBeLessThan(40);
  expect(readWorld(text)).toEqual(small);
  expect(judgePlay(await play(readWorld(text), broken)).map(({ rule }) => rule)).toEqual([mutant.rule]);
});

test("the same world always runs alike", async () => {
  const outputs = async () => (await play(makeWorld(7), program)).commandRuns.map(({ output }) => output);
  expect(await outputs()).toEqual(await outputs());
});
