import type { Random } from "./random.ts";
import type { Callback, WorkflowPlan } from "./world.ts";

/** Most of what can call back does so; where nothing does, it is up to the sweep. */
export function addCallback(random: Random, plan: WorkflowPlan): WorkflowPlan {
  if (random.chance(plan.name === "main" ? 0.1 : 0.5)) return plan;
  const places = plan.works.map(({ name }) => name);
  const callback: Callback = {
    name: plan.name === "main" || random.chance(0.7) ? "callback" : `callback-of-${plan.name}`,
    // As the last step of a job that others may come after, too.
    in: random.chance(0.3) ? random.pick(places) : null,
    requires: random.chance(0.92) ? "terminal" : "success",
    onFailure: random.pick(["approve", "approve", "approve", "cancel", "cancel", "leave"]),
    timeout: random.pick([300_000, 300_000, random.between(5, 60) * 1000]),
    stepReruns: random.pick([0, 0, 1]),
    requireSignature: random.chance(0.03),
  };
  return { ...plan, callback };
}
