import type { Job, Pipeline, Workflow } from "../engine/state.ts";
import type { ScenarioEvent } from "./scenario.ts";

/** A thing whose state meets a condition, or at which an action aims, with what it is part of. */
export interface EventObject {
  readonly pipeline: Pipeline;
  readonly workflow: Workflow | null;
  readonly job: Job | null;
}

/** Everything that meets the condition of an event right now, oldest first. */
export function findMatches(event: ScenarioEvent, pipelines: readonly Pipeline[]): readonly EventObject[] {
  const { on } = event;
  const kind = kindOf(event);
  const matched = pipelines
    .filter(({ project }) => on.project === null || project.slug === on.project)
    .filter((pipeline) => on.pipeline === null || placeInProject(pipeline, pipelines) === on.pipeline);
  if (kind === "pipeline") {
    return matched
      .filter(({ state }) => on.status === null || state === on.status)
      .map((pipeline) => ({ pipeline, workflow: null, job: null }));
  }
  const workflows = matched
    .flatMap((pipeline) => pipeline.workflows.map((workflow) => ({ pipeline, workflow })))
    .filter(({ workflow }) => on.workflow === null || workflow.name === on.workflow);
  if (kind === "workflow") {
    return workflows
      .filter(({ workflow }) => on.status === null || workflow.status === on.status)
      .map((object) => ({ ...object, job: null }));
  }
  return workflows
    .flatMap((object) => object.workflow.jobs.map((job) => ({ ...object, job })))
    .filter(({ job }) => job.name === on.job && (on.status === null || job.status === on.status));
}

/** What the event acts upon, or null while there is no such thing: the matched object, unless `with` names another. */
export function findTarget(
  event: ScenarioEvent,
  matched: EventObject,
  pipelines: readonly Pipeline[],
): EventObject | null {
  const aim = event.with;
  const pipeline =
    aim.project === null
      ? matched.pipeline
      : pipelines.findLast(({ project }) => project.slug === aim.project);
  if (event.do === "trigger") return { pipeline: pipeline ?? matched.pipeline, workflow: null, job: null };
  if (pipeline === undefined) return null;
  const jobName = actsOnJob(event) ? (aim.job ?? matched.job?.name ?? null) : null;
  const isAimed = (workflow: Workflow) =>
    (aim.workflow === null || workflow.name === aim.workflow) &&
    (jobName === null || workflow.jobs.some(({ name }) => name === jobName));
  const workflow =
    matched.workflow !== null && matched.pipeline === pipeline && isAimed(matched.workflow)
      ? matched.workflow
      : pipeline.workflows.findLast(isAimed);
  if (workflow === undefined) return null;
  if (jobName === null) return { pipeline, workflow, job: null };
  return { pipeline, workflow, job: workflow.jobs.find(({ name }) => name === jobName) ?? null };
}

function kindOf({ on, do: action }: ScenarioEvent): "pipeline" | "workflow" | "job" {
  if (on.job !== null) return "job";
  if (on.workflow !== null) return "workflow";
  if (on.status !== null) return isPipelineState(on.status) ? "pipeline" : "workflow";
  return action === "trigger" ? "pipeline" : "workflow";
}

/** No status of a workflow is also the state of a pipeline. */
function isPipelineState(status: string): boolean {
  return ["created", "errored", "setup-pending", "setup", "pending"].includes(status);
}

function actsOnJob(event: ScenarioEvent): boolean {
  return event.do === "cancel-job" || event.do === "approve";
}

/** 1 for the first pipeline of its project. */
function placeInProject(pipeline: Pipeline, pipelines: readonly Pipeline[]): number {
  return pipelines.filter(({ project }) => project.slug === pipeline.project.slug).indexOf(pipeline) + 1;
}
