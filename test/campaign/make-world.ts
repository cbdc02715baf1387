import { makeEvents } from "./make-event.ts";
import { makeRandom, type Random } from "./random.ts";
import {
  type Call,
  type Callback,
  checkJob,
  type FaultPlan,
  operationNames,
  type ProjectPlan,
  triggerJob,
  type Work,
  type WorkflowPlan,
  type World,
} from "./world.ts";

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
  return {
    seed,
    starts: random.chance(0.15) ? [0, random.between(0, 60_000)] : [0],
    projects: isRound ? closeCircle(random, projects) : projects,
    signed: random.chance(0.2),
    faults: random.chance(0.25) ? [] : times(random, 4, () => makeFault(random, projects)),
    events: random.chance(0.25) ? [] : times(random, 4, () => makeEvents(random, projects)).flat(),
    sweeps: random.chance(0.4) ? times(random, 3, () => random.between(0, 120_000)) : [],
  };
}

/** The last project calls the first one: only the tickets can tell that this would never end. */
function closeCircle(random: Random, projects: readonly ProjectPlan[]): ProjectPlan[] {
  return projects.map((project, place) => ({
    ...project,
    workflows: project.workflows.map((workflow, position) => {
      const isLast = place === projects.length - 1 && position === 0;
      const back = isLast ? [makeCall(random, "a", "back", workflow.works)] : [];
      return { ...workflow, calls: [...workflow.calls, ...back].map((call) => ({ ...call, ticket: true })) };
    }),
  }));
}

function times<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.between(1, most) }, make);
}

function makeProject(
  random: Random,
  name: string,
  children: readonly string[],
  isFirst: boolean,
): ProjectPlan {
  const count = isFirst || random.chance(0.7) ? 1 : 2;
  const workflows = Array.from({ length: count }, (_, place) =>
    makeWorkflow(random, place === 0 ? "main" : "extra", place === 0 ? children : []),
  );
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
  const calls = children.map((child) => makeCall(random, child, child, works));
  if (calls.length > 0 && random.chance(0.08))
    calls.push(makeCall(random, calls[0]?.project ?? "", "again", works));
  return {
    name,
    maxAutoReruns: random.pick([0, 0, 0, 1, 2]),
    works,
    gates: random.chance(0.1) ? [{ name: "gate", after: [] }] : [],
    calls,
    checks: random.chance(0.3) ? "together" : "each",
    callback: null,
  };
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

function makeCall(random: Random, project: string, receipt: string, works: readonly Work[]): Call {
  const wait = random.pick(["hold", "hold", "hold", "hold", "poll", "poll", "no"] as const);
  return {
    project,
    receipt,
    after: random.chance(0.3) ? works.slice(0, 1).map(({ name }) => name) : [],
    wait,
    branch: random.pick(["", "", "", "", "", "main", "main", "nowhere, develop"]),
    ticket: wait === "hold" || random.chance(0.6),
    maxDepth: random.chance(0.04) ? 1 : 5,
    onRerun: random.pick(["reuse", "reuse", "rerun-failed", "new"]),
    cancelChild: random.chance(0.3),
    cancelOnTimeout: random.chance(0.3),
    timeout: random.pick([3_600_000, 600_000, random.between(10, 90) * 1000]),
    childWorkflows: random.pick(["", "", "", "", "", "", "", "", "main", "ma*", "extra", "main,extra"]),
    successOn: random.pick(["success", "success", "success", "success, canceled", "success, failed"]),
    softFail: random.chance(0.06),
    allowEarlyApproval: random.chance(0.85),
    stepReruns: random.pick([0, 0, 1, 2]),
  };
}

/** Most of what can call back does so; where nothing does, it is up to the sweep. */
function addCallback(random: Random, plan: WorkflowPlan): WorkflowPlan {
  if (random.chance(plan.name === "main" ? 0.1 : 0.5)) return plan;
  const places = plan.works.map(({ name }) => name);
  const callback: Callback = {
    name: plan.name === "main" || random.chance(0.7) ? "callback" : "callback-of-extra",
    in: random.chance(0.25) ? random.pick(places) : null,
    requires: random.chance(0.92) ? "terminal" : "success",
    onFailure: random.pick(["approve", "approve", "approve", "cancel", "cancel", "leave"]),
    timeout: random.pick([300_000, 300_000, random.between(5, 60) * 1000]),
    stepReruns: random.pick([0, 0, 1]),
  };
  return { ...plan, callback };
}

function makeFault(random: Random, projects: readonly ProjectPlan[]): FaultPlan {
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
