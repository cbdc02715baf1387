import { disturbChild } from "./disturb-child.ts";
import { disturbHold } from "./disturb-hold.ts";
import { disturbTrigger } from "./disturb-trigger.ts";
import type { Random } from "./random.ts";
import { listScenes, makeScene } from "./scene.ts";
import { shareChild } from "./share-child.ts";
import {
  checkJob,
  type EventPlan,
  holdJob,
  type ProjectPlan,
  triggerJob,
  type WorkflowPlan,
} from "./world.ts";

/** What a person does at the moment at which it does the most harm, or just so at any moment. */
export function makeEvents(random: Random, projects: readonly ProjectPlan[]): readonly EventPlan[] {
  const places = listScenes(projects);
  if (places.length === 0 || random.chance(0.3)) return [actAnywhere(random, projects)];
  const scene = makeScene(random, projects, random.pick(places));
  if (random.chance(0.12)) return random.pick(shareChild(scene));
  const isAsleep = scene.call.wait === "hold";
  return random.pick([
    ...disturbTrigger(scene),
    ...disturbChild(scene),
    ...(isAsleep ? disturbHold(scene) : []),
  ]);
}

function actAnywhere(random: Random, projects: readonly ProjectPlan[]): EventPlan {
  const { name: project, workflows } = random.pick(projects);
  const workflow = workflows.length > 0 ? random.pick(workflows) : null;
  return {
    when: random.chance(0.6) ? null : { ...anyJob(random, projects), nth: random.pick([1, 1, 1, 2]) },
    delay: random.pick([random.between(0, 5_000), random.between(0, 60_000), random.between(0, 240_000)]),
    do: random.pick([
      "cancel-workflow",
      "cancel-job",
      "approve",
      "rerun",
      "rerun-from-failed",
      "rerun-job",
      "copy-pipeline",
      "lose-machine",
      "sweep",
    ] as const),
    project,
    workflow: workflow?.name ?? "main",
    job: workflow === null ? "nothing" : random.pick(jobNames(workflow)),
    pipeline: random.pick([1, 1, 1, 2]),
    as: random.pick(["anna", "anna", "bert", "carl"]),
  };
}

function anyJob(random: Random, projects: readonly ProjectPlan[]) {
  const { name: project, workflows } = random.pick(projects);
  const workflow = workflows.length > 0 ? random.pick(workflows) : null;
  return {
    project,
    job: workflow === null ? "nothing" : random.pick(jobNames(workflow)),
    status: random.pick(["running", "success", "failed", "on_hold", "canceled", "not_run"]),
  };
}

function jobNames({ works, gates, calls, callback }: WorkflowPlan): readonly string[] {
  return [
    ...works.map(({ name }) => name),
    ...gates.map(({ name }) => name),
    ...calls.flatMap((call) => [triggerJob(call), holdJob(call), checkJob(call)]),
    ...(callback === null ? [] : [callback.name]),
  ];
}
