import { forgeChild } from "./forge-child.ts";
import { closeCircle } from "./make-call.ts";
import { makeEvents } from "./make-event.ts";
import { makeFault } from "./make-fault.ts";
import { makeProject } from "./make-project.ts";
import { makeRandom, type Random, times } from "./random.ts";
import type { World } from "./world.ts";

const letters = ["a", "b", "c", "d", "e", "f"] as const;

/** A world at random: the same for the same seed. */
export function makeWorld(seed: number): World {
  const random = makeRandom(seed, 2);
  const count = random.pick([1, 1, 1, 2, 2, 3, 4, 5]);
  const names = letters.slice(0, count + 1);
  // Every project but the first has a parent among those before it.
  const parents = names.slice(1).map((_, place) => (random.chance(0.6) ? 0 : random.between(0, place)));
  const projects = names.map((name, place) => {
    const children = names.slice(1).filter((_, child) => parents[child] === place);
    const extra = names.slice(place + 1).filter(() => random.chance(0.08));
    return makeProject(random, name, [...new Set([...children, ...extra])], place === 0);
  });
  const isRound = random.chance(0.05);
  const world = {
    seed,
    starts: random.chance(0.15) ? [0, random.between(0, 60_000)] : [0],
    projects: isRound ? closeCircle(random, projects) : projects,
    signed: random.chance(0.2),
    faults: random.chance(0.25) ? [] : times(random, 4, () => makeFault(random, projects)),
    events: random.chance(0.2) ? [] : times(random, 4, () => makeEvents(random, projects)).flat(),
    sweeps: random.chance(0.4) ? makeSweeps(random) : [],
  };
  // A stream of its own, so that the rest of a world is the same without its forgeries.
  return { ...world, events: [...world.events, ...forgeChild(makeRandom(seed, 3), world)] };
}

/** Sweeps at any moment; now and then two at once, as of two schedules. */
function makeSweeps(random: Random): number[] {
  return times(random, 3, () => {
    const at = random.between(0, 120_000);
    return random.chance(0.3) ? [at, at + random.pick([0, random.between(0, 2_000)])] : [at];
  }).flat();
}
