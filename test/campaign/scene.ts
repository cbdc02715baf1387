import type { Random } from "./random.ts";
import type { Call, EventPlan, ProjectPlan } from "./world.ts";

/** A call with the workflow that makes it. */
interface Place {
  readonly project: string;
  readonly workflow: string;
  readonly call: Call;
}

/** What the disturbances of one call are made of. */
export interface Scene {
  readonly random: Random;
  readonly call: Call;
  /** The workflow that calls. */
  readonly own: { readonly project: string; readonly workflow: string };
  /** A workflow of the child. */
  readonly child: { readonly project: string; readonly workflow: string };
  /** The job by which that one calls back. */
  readonly callback: string | null;
  /** Some job of that one which does the child's own work. */
  readonly work: string | null;
}

export function listScenes(projects: readonly ProjectPlan[]): readonly Place[] {
  return projects.flatMap((plan) =>
    plan.workflows.flatMap((workflow) =>
      workflow.calls.map((call) => ({ project: plan.name, workflow: workflow.name, call })),
    ),
  );
}

export function makeScene(
  random: Random,
  projects: readonly ProjectPlan[],
  { project, workflow, call }: Place,
): Scene {
  const workflows = projects.find(({ name }) => name === call.project)?.workflows ?? [];
  const child = random.chance(0.8) || workflows.length === 0 ? workflows[0] : random.pick(workflows);
  const works = child?.works ?? [];
  return {
    random,
    call,
    own: { project, workflow },
    child: { project: call.project, workflow: child?.name ?? "main" },
    callback: child?.callback?.in ?? child?.callback?.name ?? null,
    work: works.length > 0 ? random.pick(works).name : null,
  };
}

type Deed = Pick<EventPlan, "do" | "project" | "workflow"> & Partial<Pick<EventPlan, "job" | "pipeline">>;

/** An event at most that many milliseconds after a job has got into a state. */
export function when(
  { random, own }: Pick<Scene, "random" | "own">,
  {
    job,
    status,
    project = own.project,
  }: { readonly job: string; readonly status: string; readonly project?: string },
  within: number,
  deed: Deed,
): EventPlan {
  return {
    when: { project, job, status, nth: random.pick([1, 1, 1, 1, 1, 2]) },
    delay: random.between(0, within),
    as: random.pick(["anna", "anna", "bert", "carl"] as const),
    job: "",
    pipeline: 1,
    ...deed,
  };
}

/** Whoever runs a workflow again by hand does it from the start, from what has failed, or from one job. */
export function rerun(
  { random }: Pick<Scene, "random">,
  where: { readonly project: string; readonly workflow: string },
  job: string,
): Deed {
  return {
    ...where,
    job,
    do: random.pick(["rerun", "rerun-from-failed", "rerun-from-failed", "rerun-job"] as const),
  };
}
