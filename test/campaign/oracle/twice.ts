import { variableOf } from "../../../src/orb/define-command.ts";
import type { Pipeline } from "../../../src/simulator/engine/state.ts";
import { bot } from "../play.ts";
import { type Findings, nameJob, nameOf, readReceipt } from "./findings.ts";
import { isOver, newestRuns } from "./truth.ts";
import type { Violation } from "./violation.ts";

/** One run of a trigger job makes one pipeline at most, and no job takes a pipeline for its child that it did not ask for. */
export function findTwins(record: Findings): readonly Violation[] {
  return [
    ...findSecondChildren(record),
    ...findForeignChildren(record),
    ...findMissingChildren(record),
    ...findNeedlessChildren(record),
    ...findCircles(record),
  ].map((sentence) => ({ rule: "twice", sentence }));
}

/** Every trigger carries the id of its job in a parameter of the campaign's own. */
export function originOf({ parameters, trigger }: Pipeline): string | null {
  const origin = parameters["from-job"];
  return trigger.actor.login === bot && typeof origin === "string" ? origin : null;
}

function findSecondChildren(record: Findings): readonly string[] {
  const children = new Map<string, Pipeline[]>();
  for (const pipeline of record.pipelines) {
    const origin = originOf(pipeline);
    if (origin !== null) children.set(origin, [...(children.get(origin) ?? []), pipeline]);
  }
  return [...children]
    .filter(([, pipelines]) => pipelines.length > 1)
    .map(
      ([job, pipelines]) =>
        `${nameJob(record.job(job))} has triggered ${pipelines.map(nameOf).join(" and ")}.`,
    );
}

function findForeignChildren(record: Findings): readonly string[] {
  return triggersOf(record).flatMap(({ jobId, receipts }) =>
    [...receipts.values()].flatMap((text) => {
      const { child } = readReceipt(text);
      const pipeline = child === null ? undefined : record.pipeline(child);
      if (pipeline === undefined) return [];
      const origin = originOf(pipeline);
      const job = record.job(jobId);
      const asker = origin === null ? null : record.job(origin);
      const isOwn =
        asker !== null && asker.name === job.name && asker.workflow.pipeline === job.workflow.pipeline;
      // A receipt of another job of this name may come with the workspace.
      const isOfThisJob = JSON.parse(text).parent.workflowId === job.workflow.id;
      return isOwn || !isOfThisJob ? [] : [`${nameJob(job)} takes ${nameOf(pipeline)} for its child.`];
    }),
  );
}

/** A trigger that ended well has a child. */
function findMissingChildren(record: Findings): readonly string[] {
  return triggersOf(record).flatMap(({ jobId, receipts, end }) => {
    if (end?.exitCode !== 0) return [];
    const children = [...receipts.values()].map((text) => readReceipt(text).child);
    const isThere = children.some((child) => child !== null && record.pipeline(child) !== undefined);
    return isThere ? [] : [`${nameJob(record.job(jobId))} passed without a child.`];
  });
}

/** A job that runs again, and is not told to begin anew, takes up the child of its earlier run while that is under way. */
function findNeedlessChildren(record: Findings): readonly string[] {
  return record.pipelines.flatMap((pipeline) => {
    const origin = originOf(pipeline);
    if (origin === null) return [];
    const job = record.job(origin);
    const [run] = record.runsIn(origin);
    const sightings = record.sightingsOf(origin);
    const isMisled = sightings.some(({ at, shows }) => at !== shows);
    if (run === undefined || run.environment[variableOf("on-rerun")] === "new" || isMisled) return [];
    const earlier = job.workflow.pipeline.workflows
      .filter(({ workspaceId, id }) => workspaceId === job.workflow.workspaceId && id !== job.workflow.id)
      .flatMap(({ jobs }) => jobs.filter(({ name, id }) => name === job.name && id !== job.id))
      .filter(({ stoppedAt }) => stoppedAt !== null && stoppedAt <= run.startedAt)
      .at(-1);
    const children = earlier === undefined ? [] : record.receiptsOf(earlier.id, run.startedAt);
    return children.flatMap(({ child }) => {
      const before = child === null ? undefined : record.pipelineAt(child, run.startedAt);
      const now = child === null ? undefined : record.pipelineAt(child, pipeline.createdAt);
      const goesOn = before !== undefined && now !== undefined && !isDone(before) && !isDone(now);
      return goesOn
        ? [`${nameJob(job)} has triggered ${nameOf(pipeline)} though ${nameOf(now)} was under way.`]
        : [];
    });
  });
}

/** No pipeline is among its own ancestors' projects, as far as tickets can tell. */
/** It has ended; or has failed with one workflow, and the others sleep until a human comes, who may never do. */
function isDone(pipeline: Pipeline): boolean {
  const runs = newestRuns(pipeline);
  const hasFailed = runs.some(({ stoppedAt, status }) => stoppedAt !== null && status !== "success");
  const isAsleep = runs.every(({ stoppedAt, status }) => stoppedAt !== null || status === "on_hold");
  return isOver(pipeline) || (hasFailed && isAsleep);
}

function findCircles(record: Findings): readonly string[] {
  return record.pipelines.flatMap((pipeline) => {
    const above = ancestorsOf(record, pipeline);
    const isRound = above.some(({ project }) => project === pipeline.project);
    return isRound ? [`${[pipeline, ...above].map(nameOf).join(" comes from ")}.`] : [];
  });
}

function ancestorsOf(record: Findings, pipeline: Pipeline): readonly Pipeline[] {
  const origin = originOf(pipeline);
  if (origin === null || !pipeline.parameters.circleback) return [];
  const parent = record.job(origin).workflow.pipeline;
  return [parent, ...ancestorsOf(record, parent)];
}

function triggersOf(record: Findings) {
  return record.play.commandRuns.filter(({ command }) => command === "trigger-and-wait");
}
