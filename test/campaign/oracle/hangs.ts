import type { Job, Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import { type Findings, nameJob, nameOf, upstreamOf } from "./findings.ts";
import { isOver, newestRuns, ownFailuresOf, truthOf } from "./truth.ts";
import type { Violation } from "./violation.ts";

/** After the last sweep, nobody waits for a child that has ended; and a callback that says so has woken its parent. */
export function findHangs(record: Findings): readonly Violation[] {
  const sentences = record.pipelines.flatMap(({ workflows }) =>
    workflows.flatMap((workflow) => [...workflow.jobs.flatMap((job) => describeHold(record, workflow, job))]),
  );
  return [
    ...sentences,
    ...describeIdleCallbacks(record),
    ...describeVainWaits(record),
    ...describeUnrest(record),
  ].map((sentence) => ({ rule: "hangs", sentence }));
}

function describeHold(record: Findings, workflow: Workflow, hold: Job): readonly string[] {
  if (hold.status !== "on_hold") return [];
  const receipts = upstreamOf(hold, workflow)
    .flatMap(({ id }) => record.receiptsOf(id, Number.POSITIVE_INFINITY))
    .filter((receipt) => receipt.hold === hold.name);
  const children = receipts.flatMap(({ child }) => record.pipeline(child ?? "") ?? []);
  const isAnswered = receipts.length > 0 && children.length === receipts.length && children.every(isOver);
  if (!isAnswered || children.some((child) => isLeft(record, child))) return [];
  const ends = children.map(
    (child) => `${nameOf(child)} has ended ${truthOf(record, child, { patterns: [], forgives: true })}`,
  );
  return [`${nameJob(hold)} still waits though ${ends.join(", ")}.`];
}

/** A callback that passes has decided every hold that waited for its pipeline, reruns' included, unless it says why not. */
function describeIdleCallbacks(record: Findings): readonly string[] {
  return record.play.commandRuns.flatMap(({ command, end, jobId, pipelineId, startedAt, output }) => {
    if (command !== "approve-in-parent" || end?.exitCode !== 0) return [];
    const isExcused = /is left to a human|are left to a sweep/.test(output);
    if (isExcused || isMisled(record, jobId) || isLeftToAnother(record, pipelineId, end.at, output))
      return [];
    return record.parentsOf(pipelineId, startedAt).flatMap((trigger) => {
      const parent = record.pipelineAt(trigger.workflow.pipeline.id, end.at);
      const all = (parent?.workflows ?? [])
        .filter(({ name }) => name === trigger.workflow.name)
        .flatMap(({ jobs }) => jobs)
        .filter(({ definition }) => definition.requires.some(({ job }) => job === trigger.name));
      const holds = all
        .filter(({ workflow }) => workflow.jobs.some(({ id }) => id === trigger.id))
        .filter(
          ({ status, startedAt: since }) => status === "on_hold" && since !== null && since < startedAt,
        );
      return holds.map(
        (hold) => `${nameJob(record.job(jobId))} passed though ${nameJob(hold)} still waited.`,
      );
    });
  });
}

/** An old list may lack the rerun that waits, or its receipt, for longer than a callback with a short `timeout` looks: the sweep finds it. */
function isMisled(record: Findings, jobId: string): boolean {
  return record
    .sightingsOf(jobId)
    .some(({ request, at, shows }) => at !== shows && /\/(workflow|artifacts)$/.test(request.path));
}

/** It says that a workflow of its pipeline will call back, and that one sleeps before its callback. */
function isLeftToAnother(record: Findings, pipelineId: string, time: number, output: string): boolean {
  const [, name] = /is left to the callback of ([\w-]+), which has not ended/.exec(output) ?? [];
  const child = record.pipelineAt(pipelineId, time);
  const later = (child === undefined ? [] : newestRuns(child)).find((workflow) => workflow.name === name);
  return later !== undefined && record.callbackOf(later) !== null && later.stoppedAt === null;
}

/** A callback job is paid for: it gives up at once where nothing of its pipeline runs, nor will before somebody approves. */
function describeVainWaits(record: Findings): readonly string[] {
  return record.play.commandRuns.flatMap(({ command, end, jobId, pipelineId, output }) => {
    if (command !== "approve-in-parent" || end === null || !output.includes("Other jobs of this pipeline"))
      return [];
    const sleptAt = (time: number) => {
      const child = record.pipelineAt(pipelineId, time);
      const open = (child === undefined ? [] : newestRuns(child))
        .flatMap(({ jobs }) => jobs)
        .filter((job) => job.stoppedAt === null && !isCallingAt(record, job, time));
      const isAsleep = open.every(({ status }) => status === "on_hold" || status === "blocked");
      return isAsleep && open.some(({ status }) => status === "on_hold");
    };
    const isVain = sleptAt(end.at) && sleptAt(end.at - longestLook);
    return isVain ? [`${nameJob(record.job(jobId))} waited though all else slept.`] : [];
  });
}

/** Between two looks of a callback at its pipeline, in milliseconds, with some time for the answers. */
const longestLook = 30_000;

function isCallingAt(record: Findings, { id }: Job, time: number): boolean {
  return record
    .runsIn(id)
    .some(({ command, startedAt }) => command === "approve-in-parent" && startedAt <= time);
}

/** The child has not ended well, and one of its callbacks would leave that to a human. */
function isLeft(record: Findings, child: Pipeline): boolean {
  const asksForHuman = record.policiesOf(child).includes("leave");
  const isGood =
    truthOf(record, child, { patterns: [], forgives: true }) === "success" &&
    ownFailuresOf(record, child).length === 0;
  return asksForHuman && !isGood;
}

/** The world has stopped, but something in it still believes that it runs. */
function describeUnrest(record: Findings): readonly string[] {
  if (record.play.engine.isAtRest()) return [];
  const open = record.pipelines.flatMap((pipeline) =>
    newestRuns(pipeline).flatMap(({ jobs }) => jobs.filter(({ status }) => status === "running")),
  );
  return [`At the end of time there still run: ${open.map(nameJob).join(", ") || "nobody knows what"}.`];
}
