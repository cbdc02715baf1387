import type { Random } from "./random.ts";
import { checkJob, type FaultPlan, operationNames, type ProjectPlan, triggerJob } from "./world.ts";

/** Something that goes wrong between a job and the API: most of all where it changes something. */
export function makeFault(random: Random, projects: readonly ProjectPlan[]): FaultPlan {
  const on = random.chance(0.35) ? "trigger" : random.pick(operationNames);
  const isChange = ["trigger", "approve", "cancel-job", "cancel-workflow", "rerun"].includes(on);
  const effect = isChange
    ? random.pick([
        "lost-answer",
        "lost-answer",
        "lost-answer",
        "lost-answer",
        "lost-request",
        "500",
        "503-after",
        "503-after",
        "429",
        "slow",
      ] as const)
    : random.pick(["stale", "stale", "stale", "lost-request", "500", "429", "slow", "404"] as const);
  const amounts = { stale: 15_000, slow: 45_000, "429": 20_000 } as const;
  const most = effect === "stale" || effect === "slow" || effect === "429" ? amounts[effect] : 5_000;
  return {
    on,
    job: random.chance(0.3) ? random.pick(circlebackJobs(projects)) : null,
    skip: random.pick([0, 0, random.between(0, 6)]),
    times: effect === "404" || random.chance(0.6) ? 1 : random.between(1, 8),
    effect,
    amount: random.between(200, most),
  };
}

function circlebackJobs(projects: readonly ProjectPlan[]): readonly string[] {
  const jobs = projects.flatMap(({ workflows }) =>
    workflows.flatMap(({ calls, callback }) => [
      ...calls.flatMap((call) => [triggerJob(call), checkJob(call)]),
      ...(callback === null ? [] : [callback.in ?? callback.name]),
    ]),
  );
  return jobs.length > 0 ? jobs : ["nobody"];
}
