import type { Fault, FaultEffect } from "../../src/simulator/scenario/scenario.ts";
import { type FaultPlan, operations } from "./world.ts";

const none: FaultEffect = {
  status: null,
  body: undefined,
  headers: {},
  delay: 0,
  drop: false,
  afterAccepted: false,
  stale: 0,
};

export function planFaults(plans: readonly FaultPlan[]): readonly Fault[] {
  return plans.flatMap(planFault);
}

/** The service's fault; one that spares the first requests has a harmless one before it, whose `source` is null. */
export function planFault(plan: FaultPlan): readonly Fault[] {
  const [method, path] = operations[plan.on];
  const base = { method, path, job: plan.job };
  const spared = { ...base, times: plan.skip, effect: none, source: null };
  const fault = { ...base, times: plan.times, effect: effectOf(plan), source: plan };
  return plan.skip > 0 ? [spared, fault] : [fault];
}

function effectOf({ effect, amount }: FaultPlan): FaultEffect {
  switch (effect) {
    case "lost-answer":
      return { ...none, drop: true, afterAccepted: true };
    case "lost-request":
      return { ...none, drop: true };
    case "500":
      return { ...none, status: 500 };
    case "503-after":
      return { ...none, status: 503, afterAccepted: true };
    case "429":
      return { ...none, status: 429, headers: { "retry-after": String(Math.ceil(amount / 1000)) } };
    case "404":
      return { ...none, status: 404 };
    case "stale":
      return { ...none, stale: amount };
    case "slow":
      return { ...none, delay: amount };
  }
}
