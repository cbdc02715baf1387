import type { JobStatus, PipelineState, WorkflowStatus } from "../../circleci/status.ts";
import { parseBranch, parseParameters, parseProjectName } from "./parse-trigger.ts";
import type { Place } from "./place.ts";
import type { EventAction, EventAim, EventCondition, ScenarioEvent, ScenarioProject } from "./scenario.ts";

const actions = [
  "cancel-workflow",
  "cancel-job",
  "approve",
  "rerun",
  "rerun-from-failed",
  "trigger",
] as const satisfies readonly EventAction[];

const pipelineStates: readonly PipelineState[] = ["created", "errored", "setup-pending", "setup", "pending"];

const workflowStatuses: readonly WorkflowStatus[] = [
  "success",
  "running",
  "not_run",
  "failed",
  "error",
  "failing",
  "on_hold",
  "canceled",
  "unauthorized",
  "queued",
];

const jobStatuses: readonly JobStatus[] = [
  "success",
  "running",
  "not_run",
  "failed",
  "retried",
  "queued",
  "not_running",
  "infrastructure_fail",
  "timedout",
  "on_hold",
  "terminated-unknown",
  "blocked",
  "canceled",
  "unauthorized",
];

type Projects = readonly ScenarioProject[];

export function parseEvents(place: Place, projects: Projects): readonly ScenarioEvent[] {
  return place.items().map((item) => parseEvent(item, projects));
}

function parseEvent(place: Place, projects: Projects): ScenarioEvent {
  const fields = place.fields(["on", "do", "times", "delay", "with", "project"]);
  if (fields.on === undefined) place.problem("does not say on what it happens");
  if (fields.do === undefined) place.problem("does not say what to do");
  const on = fields.on === undefined ? anything : parseCondition(fields.on, projects);
  const action = fields.do?.oneOf(actions, "something to do");
  const event: ScenarioEvent = {
    on,
    do: action ?? "trigger",
    times: fields.times?.wholeNumber(1, Number.MAX_SAFE_INTEGER) ?? 1,
    delay: fields.delay?.duration() ?? 0,
    with: parseAim(fields.with, fields.project, on, projects),
    source: place.value,
  };
  if (action === undefined) return event;
  if (fields.project !== undefined && action !== "trigger") {
    fields.project.problem("stands beside do: trigger only; elsewhere it belongs under on or with");
  }
  if (action === "cancel-job" || action === "approve") {
    if (on.job === null && event.with.job === null)
      place.problem(`needs a job under on or with to ${action}`);
  }
  const idle = action === "trigger" ? (["workflow", "job"] as const) : (["branch", "parameters"] as const);
  for (const [name, member] of fields.with?.isCollection() ? fields.with.entries() : []) {
    if (idle.some((key) => key === name)) member.problem(`has no meaning for do: ${action}`);
  }
  return event;
}

const anything: EventCondition = { project: null, pipeline: null, workflow: null, job: null, status: null };

function parseCondition(place: Place, projects: Projects): EventCondition {
  const fields = place.fields(["project", "pipeline", "workflow", "job", "status"]);
  if (place.isCollection() && Object.keys(fields).length === 0) place.problem("must have at least one key");
  return {
    project: fields.project === undefined ? null : parseProjectName(fields.project, projects),
    pipeline: fields.pipeline?.wholeNumber(1, Number.MAX_SAFE_INTEGER) ?? null,
    workflow: fields.workflow?.text() ?? null,
    job: fields.job?.text() ?? null,
    status: fields.status === undefined ? null : parseStatus(fields.status, fields),
  };
}

function parseStatus(
  place: Place,
  { workflow, job }: { readonly workflow?: Place; readonly job?: Place },
): EventCondition["status"] {
  if (job !== undefined) return place.oneOf(jobStatuses, "the status of a job") ?? null;
  if (workflow !== undefined) return place.oneOf(workflowStatuses, "the status of a workflow") ?? null;
  return (
    place.oneOf([...workflowStatuses, ...pipelineStates], "the status of a workflow or pipeline") ?? null
  );
}

function parseAim(
  place: Place | undefined,
  short: Place | undefined,
  on: EventCondition,
  projects: Projects,
): EventAim {
  const fields = place?.fields(["project", "workflow", "job", "branch", "parameters", "as"]) ?? {};
  if (short !== undefined && fields.project !== undefined) {
    short.problem(`repeats ${fields.project.path}: keep one of them`);
  }
  const named = fields.project ?? short;
  const project = named === undefined ? null : parseProjectName(named, projects);
  return {
    project,
    workflow: fields.workflow?.text() ?? null,
    job: fields.job?.text() ?? null,
    branch:
      fields.branch === undefined ? null : parseBranch(fields.branch, project ?? on.project ?? "", projects),
    parameters: fields.parameters === undefined ? {} : parseParameters(fields.parameters),
    as: fields.as?.text() ?? "human",
  };
}
