import { makeCalls } from "./make-call.ts";
import { addCallback } from "./make-callback.ts";
import type { Random } from "./random.ts";
import { type ProjectPlan, resultJob, type Work, type WorkflowPlan } from "./world.ts";

/** A project with its workflows; its children are called by the first of them, and now and then by the second, too. */
export function makeProject(
  random: Random,
  name: string,
  children: readonly string[],
  isFirst: boolean,
): ProjectPlan {
  const count = isFirst ? random.pick([1, 1, 1, 1, 2]) : random.pick([1, 1, 1, 1, 2, 2, 3]);
  const workflows = Array.from({ length: count }, (_, place) => {
    const called = place === 0 || (place === 1 && random.chance(0.2)) ? children : [];
    return makeWorkflow(random, ["main", "extra", "late"][place] ?? "main", called);
  });
  return {
    name,
    broken: !isFirst && random.chance(0.03),
    dynamic: random.chance(0.08),
    workflows:
      !isFirst && random.chance(0.02)
        ? []
        : workflows.map((workflow) => (isFirst ? workflow : addCallback(random, workflow))),
  };
}

function makeWorkflow(random: Random, name: string, children: readonly string[]): WorkflowPlan {
  const works = Array.from({ length: random.pick([1, 1, 2, 3]) }, (_, place) => makeWork(random, place));
  const checks = random.chance(0.3) ? "together" : "each";
  const plan: WorkflowPlan = {
    name,
    maxAutoReruns: random.pick([0, 0, 0, 1, 2]),
    works,
    gates: random.chance(0.1) ? [{ name: "gate", after: [] }] : [],
    calls: makeCalls(random, { children, works, checks }),
    checks,
    callback: null,
  };
  return random.chance(0.25) ? { ...plan, works: [...works, ...makeLastWorks(random, plan)] } : plan;
}

function makeWork(random: Random, place: number): Work {
  const end = () =>
    random.pick(["success", "success", "success", "failed", "failed", "infrastructure_fail"] as const);
  return {
    name: `work-${place + 1}`,
    after: place > 0 && random.chance(0.4) ? [`work-${place}`] : [],
    takes: random.pick([
      random.between(0, 3000),
      random.between(1000, 20_000),
      random.between(10_000, 90_000),
    ]),
    ends: random.chance(0.6) ? ["success"] : Array.from({ length: random.between(1, 3) }, end),
    restricted: random.chance(0.03),
  };
}

/** A job that comes after the results of children, as the next stage of a release does. */
function makeLastWorks(random: Random, plan: WorkflowPlan): readonly Work[] {
  const results = plan.calls.flatMap((call) => resultJob(plan, call) ?? []);
  if (results.length === 0) return [];
  return [{ ...makeWork(random, plan.works.length), after: [random.pick(results)], restricted: false }];
}
