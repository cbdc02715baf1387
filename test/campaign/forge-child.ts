import type { Random } from "./random.ts";
import { listScenes, makeScene, rerun, when } from "./scene.ts";
import { type EventPlan, triggerJob, type World } from "./world.ts";

/**
 * Now and then, while a trigger job runs, somebody makes a pipeline of its child's project with a ticket such as it
 * sends; the job may be cut short before it has stored its receipt, and run again. Where tickets are signed, even
 * whoever holds the token tries it.
 */
export function forgeChild(
  random: Random,
  { projects, signed }: Pick<World, "projects" | "signed">,
): readonly EventPlan[] {
  const places = listScenes(projects);
  if (places.length === 0 || !random.chance(signed ? 0.4 : 0.1)) return [];
  const scene = makeScene(random, projects, random.pick(places));
  const job = triggerJob(scene.call);
  const begins = { job, status: "running" };
  const forge = when(scene, begins, 2_000, { ...scene.own, job, do: "forge-ticket" });
  const forged = signed && random.chance(0.6) ? { ...forge, as: "release-bot" as const } : forge;
  if (random.chance(0.3)) return [forged];
  const [deed, end] = random.pick([
    ["lose-machine", "infrastructure_fail"],
    ["cancel-job", "canceled"],
    ["cancel-workflow", "canceled"],
  ] as const);
  return [
    forged,
    when(scene, begins, 4_000, { ...scene.own, job, do: deed }),
    when(scene, { job, status: end }, 20_000, rerun(scene, scene.own, job)),
  ];
}
