import { makeWorld } from "./make-world.ts";
import { judgePlay } from "./oracle/judge-play.ts";
import type { Rule, Violation } from "./oracle/violation.ts";
import { play } from "./play.ts";
import type { Program } from "./program.ts";
import { shrink } from "./shrink.ts";
import { Tally } from "./tally.ts";
import type { World } from "./world.ts";

export interface Failure {
  readonly seed: number;
  readonly violations: readonly Violation[];
}

export interface CampaignResult {
  readonly tally: Tally;
  readonly failures: readonly Failure[];
}

/** Plays the worlds of consecutive seeds; `stopsAt` ends it early. */
export async function runCampaign(
  program: Program,
  {
    seed: first,
    runs,
    stopsAt = () => false,
  }: {
    readonly seed: number;
    readonly runs: number;
    readonly stopsAt?: (failure: Failure) => boolean;
  },
): Promise<CampaignResult> {
  const tally = new Tally();
  const failures: Failure[] = [];
  for (let seed = first; seed < first + runs; seed++) {
    const played = await play(makeWorld(seed), program);
    tally.add(played);
    const violations = judgePlay(played);
    if (violations.length === 0) continue;
    const failure = { seed, violations };
    failures.push(failure);
    if (stopsAt(failure)) break;
  }
  return { tally, failures };
}

/** So many smaller worlds are tried for one that fails. */
const mostTries = 1500;

/** The smallest world to be found that breaks the same rule. */
export function shrinkFailure(program: Program, world: World, rule: Rule): Promise<World> {
  const fails = async (smaller: World) =>
    judgePlay(await play(smaller, program)).some((violation) => violation.rule === rule);
  return shrink(world, fails, mostTries);
}
