import type { Random } from "./random.ts";
import {
  type Call,
  checkJob,
  type EventPlan,
  holdJob,
  type ProjectPlan,
  triggerJob,
  type WorkflowPlan,
} from "./world.ts";

type Deed = EventPlan["do"];

/** What a person does at the moment at which it does the most harm, or just so at any moment. */
export function makeEvents(random: Random, projects: readonly ProjectPlan[]): readonly EventPlan[] {
  const calls = listCalls(projects);
  const place = calls.length > 0 && random.chance(0.7) ? random.pick(calls) : null;
  return place === null ? [actAnywhere(random, projects)] : aimAt(random, projects, place);
}

interface Place {
  readonly project: string;
  readonly workflow: string;
  readonly call: Call;
}

function listCalls(projects: readonly ProjectPlan[]): readonly Place[] {
  return projects.flatMap((plan) =>
    plan.workflows.flatMap((workflow) =>
      workflow.calls.map((call) => ({ project: plan.name, workflow: workflow.name, call })),
    ),
  );
}

/** Events that hang on one job of the call or of its child. */
function aimAt(
  random: Random,
  projects: readonly ProjectPlan[],
  { project, workflow, call }: Place,
): readonly EventPlan[] {
  const own = { project, workflow };
  const child = { project: call.project, workflow: random.chance(0.8) ? "main" : "extra" };
  const calledBack = projects
    .find(({ name }) => name === call.project)
    ?.workflows.find(({ name, callback }) => name === child.workflow && callback !== null)?.callback;
  const callback = calledBack?.in ?? calledBack?.name;
  const after = (job: string, status: string, where: { readonly project: string } = own) => ({
    when: { project: where.project, job, status, nth: random.pick([1, 1, 1, 1, 1, 2]) },
    pipeline: 1,
    as: random.pick(["anna", "anna", "bert", "carl"] as const),
  });
  const soon = { delay: random.between(0, 8_000), job: "" };
  const later = { delay: random.between(0, 40_000), job: "" };
  const deed = (name: Deed) => ({ do: name }) as const;
  const atHold = after(holdJob(call), "on_hold");
  const copy = { ...atHold, ...soon, ...deed("copy-pipeline"), ...child };
  const loseTrigger = { ...deed("lose-machine"), ...own, job: triggerJob(call) };
  const atTrigger: readonly EventPlan[][] = [
    [{ ...after(triggerJob(call), "running"), ...soon, ...loseTrigger }],
    [
      {
        ...after(triggerJob(call), "running"),
        ...soon,
        ...deed("cancel-job"),
        ...own,
        job: triggerJob(call),
      },
    ],
    [{ ...after(triggerJob(call), "failed"), ...later, ...deed("rerun-from-failed"), ...own }],
  ];
  if (call.wait !== "hold") return random.pick(atTrigger);
  const atCallback: readonly EventPlan[][] =
    callback === undefined
      ? []
      : [
          [
            {
              ...after(callback, "running", child),
              ...soon,
              ...deed("lose-machine"),
              ...child,
              job: callback,
            },
          ],
          [{ ...after(callback, "failed", child), ...later, ...deed("rerun-from-failed"), ...child }],
        ];
  const rerun = { ...after(holdJob(call), "canceled"), ...soon, ...deed("rerun-from-failed"), ...own };
  return random.pick([
    ...atTrigger,
    ...atCallback,
    [copy],
    // The copy is the newest pipeline then, and the true child never calls back.
    [copy, { ...copy, delay: copy.delay + 1, ...deed("cancel-workflow"), pipeline: 2 }],
    [{ ...atHold, ...later, ...deed("approve"), ...own, job: holdJob(call) }],
    [{ ...atHold, ...soon, ...deed("approve"), ...own, job: holdJob(call) }],
    [{ ...atHold, ...later, ...deed("cancel-workflow"), ...own }],
    [{ ...atHold, ...later, ...deed("cancel-workflow"), ...child }],
    // A parent that is cancelled and begun again while its child goes on.
    [{ ...atHold, ...soon, ...deed("cancel-workflow"), ...own }, rerun],
    [{ ...atHold, ...soon, ...deed("cancel-job"), ...own, job: holdJob(call) }, rerun],
    [{ ...after(checkJob(call), "failed"), ...later, ...deed("rerun-from-failed"), ...own }],
    [{ ...after(checkJob(call), "failed"), ...later, ...deed("rerun-from-failed"), ...child }],
    [{ ...after(holdJob(call), "canceled"), ...later, ...deed("rerun-from-failed"), ...own }],
    [{ ...after(holdJob(call), "canceled"), ...later, ...deed("rerun"), ...own }],
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
      "copy-pipeline",
      "lose-machine",
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
