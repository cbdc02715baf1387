import { type Call, checkJob, triggerJob, type WorkflowPlan, type World } from "./world.ts";

/**
 * Looks for a smaller world that still fails: takes things away one after the other, and keeps every loss that
 * `fails` bears. `most` is how many worlds may be tried.
 */
export async function shrink(
  world: World,
  fails: (world: World) => Promise<boolean>,
  most: number,
): Promise<World> {
  let smallest = world;
  let tries = 0;
  for (let hasShrunk = true; hasShrunk; ) {
    hasShrunk = false;
    // What comes first may still be among the candidates after a loss, so the list is made anew each time.
    for (let place = 0; ; ) {
      const candidate = listSmaller(smallest)[place];
      if (candidate === undefined) break;
      if (tries++ >= most) return smallest;
      if (await fails(candidate)) {
        smallest = candidate;
        hasShrunk = true;
      } else place++;
    }
  }
  return smallest;
}

/** Every world that lacks one thing, the largest things first. */
function listSmaller(world: World): readonly World[] {
  const { projects, events, faults, sweeps, starts } = world;
  return [
    ...projects.slice(1).map(({ name }) => withoutProject(world, name)),
    ...drop(events).map((rest) => ({ ...world, events: rest })),
    ...drop(faults).map((rest) => ({ ...world, faults: rest })),
    ...drop(sweeps).map((rest) => ({ ...world, sweeps: rest })),
    ...drop(starts.slice(1)).map((rest) => ({ ...world, starts: [...starts.slice(0, 1), ...rest] })),
    ...change(projects, (project) => [
      ...drop(project.workflows).map((workflows) => ({ ...project, workflows })),
      ...(project.dynamic ? [{ ...project, dynamic: false }] : []),
      ...(project.broken ? [{ ...project, broken: false }] : []),
      ...change(project.workflows, simplifyWorkflow).map((workflows) => ({ ...project, workflows })),
    ]).map((changed) => ({ ...world, projects: changed })),
    ...change(faults, (fault) => [
      ...(fault.times > 1 ? [{ ...fault, times: fault.times - 1 }] : []),
      ...(fault.skip > 0 ? [{ ...fault, skip: 0 }] : []),
      ...(fault.job !== null ? [{ ...fault, job: null }] : []),
    ]).map((changed) => ({ ...world, faults: changed })),
    ...change(events, (event) => [
      ...(event.when !== null && event.when.nth > 1 ? [{ ...event, when: { ...event.when, nth: 1 } }] : []),
      ...(event.delay > 0 ? [{ ...event, delay: 0 }] : []),
      ...(event.as === "anna" ? [] : [{ ...event, as: "anna" as const }]),
    ]).map((changed) => ({ ...world, events: changed })),
    ...(world.signed ? [{ ...world, signed: false }] : []),
  ];
}

/** A project goes with everything that speaks of it. */
function withoutProject(world: World, name: string): World {
  return {
    ...world,
    events: world.events.filter(({ project, when }) => project !== name && when?.project !== name),
    projects: world.projects
      .filter((project) => project.name !== name)
      .map((project) => ({
        ...project,
        workflows: project.workflows.map((workflow) => ({
          ...withoutCalls(workflow, (call) => call.project === name),
        })),
      })),
  };
}

function simplifyWorkflow(plan: WorkflowPlan): readonly WorkflowPlan[] {
  const { works, gates, calls, callback } = plan;
  return [
    ...works.map(({ name }) => withoutWork(plan, name)),
    ...drop(gates).map((rest) => ({ ...plan, gates: rest })),
    ...calls.map((call) => withoutCalls(plan, (other) => other === call)),
    ...(callback === null ? [] : [{ ...plan, callback: null }]),
    ...(plan.maxAutoReruns > 0 ? [{ ...plan, maxAutoReruns: plan.maxAutoReruns - 1 }] : []),
    ...(plan.checks === "together" ? [{ ...plan, checks: "each" as const }] : []),
    ...change(works, (work) => [
      ...(work.restricted ? [{ ...work, restricted: false }] : []),
      ...(work.after.length > 0 ? [{ ...work, after: [] }] : []),
      ...(work.ends.length > 1 ? drop(work.ends).map((ends) => ({ ...work, ends })) : []),
      ...(work.ends.join() === "success" ? [] : [{ ...work, ends: ["success" as const] }]),
      ...(work.takes > 1000 ? [{ ...work, takes: Math.round(work.takes / 2000) * 1000 }] : []),
    ]).map((changed) => ({ ...plan, works: changed })),
    ...change(calls, (call) => [
      ...(call.after.length > 0 ? [{ ...call, after: [] }] : []),
      ...Object.entries(plainCall)
        .filter(([key, value]) => call[key as keyof typeof plainCall] !== value)
        .map(([key, value]) => ({ ...call, [key]: value })),
    ]).map((changed) => ({ ...plan, calls: changed })),
    ...(callback === null
      ? []
      : Object.entries(plainCallback)
          .filter(([key, value]) => callback[key as keyof typeof plainCallback] !== value)
          .map(([key, value]) => ({ ...plan, callback: { ...callback, [key]: value } }))),
  ];
}

const plainCall = {
  label: "",
  branch: "",
  ticket: true,
  maxDepth: 5,
  onRerun: "reuse",
  cancelChild: false,
  cancelOnTimeout: false,
  timeout: 3_600_000,
  childWorkflows: "",
  successOn: "success",
  softFail: false,
  allowEarlyApproval: true,
  stepReruns: 0,
} as const;

const plainCallback = {
  name: "callback",
  in: null,
  requires: "terminal",
  onFailure: "approve",
  timeout: 300_000,
  stepReruns: 0,
  requireSignature: false,
} as const;

/** Calls go with what comes after them. */
function withoutCalls(plan: WorkflowPlan, isGone: (call: Call) => boolean): WorkflowPlan {
  const calls = plan.calls.filter((call) => !isGone(call));
  const jobs = plan.calls.flatMap((call) => [triggerJob(call), checkJob(call)]);
  const left = calls.flatMap((call) => [triggerJob(call), checkJob(call)]);
  const gone = jobs.filter((job) => !left.includes(job));
  return gone.reduce(withoutWork, { ...plan, calls });
}

/** A job goes with what requires it; one that calls back as its last step leaves that to a job of its own. */
function withoutWork(plan: WorkflowPlan, name: string): WorkflowPlan {
  const free = <T extends { readonly after: string[] }>(item: T): T => ({
    ...item,
    after: item.after.filter((each) => each !== name),
  });
  const { callback } = plan;
  return {
    ...plan,
    works: plan.works.filter((work) => work.name !== name).map(free),
    gates: plan.gates.map(free),
    calls: plan.calls.map(free),
    callback: callback?.in === name ? { ...callback, in: null } : callback,
  };
}

function drop<T>(items: readonly T[]): T[][] {
  return items.map((_, place) => items.filter((__, other) => other !== place));
}

/** Every list in which one item is another. */
function change<T>(items: readonly T[], variants: (item: T) => readonly T[]): T[][] {
  return items.flatMap((item, place) =>
    variants(item).map((variant) => items.map((other, position) => (position === place ? variant : other))),
  );
}
