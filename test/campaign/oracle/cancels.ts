import { variableOf } from "../../../src/orb/define-command.ts";
import type { Job, Workflow } from "../../../src/simulator/engine/state.ts";
import { bot } from "../play.ts";
import { type Findings, nameJob, nameOf } from "./findings.ts";
import { isOver } from "./truth.ts";
import { originOf } from "./twice.ts";
import type { Violation } from "./violation.ts";

/** The token cancels only children that are no longer wanted, and leaves none behind that was to go with its parent. */
export function findBadCancels(record: Findings): readonly Violation[] {
  return [
    ...findUnasked(record),
    ...findWanted(record),
    ...findOrphans(record),
    ...findUnrecordedOrphans(record),
  ];
}

/** A trigger cancels its child only where it is told to, and where it is cancelled itself or its time is up. */
function findUnasked(record: Findings): readonly Violation[] {
  return record.play.commandRuns.flatMap(({ command, jobId, environment, end, startedAt }) => {
    if (command !== "trigger-and-wait") return [];
    const has = (parameter: string) => environment[variableOf(parameter)] === "true";
    const job = record.job(jobId);
    const mayCancel =
      (has("cancel-child") && job.status === "canceled") || (has("cancel-on-timeout") && end?.exitCode === 8);
    const cancels = record
      .sightingsOf(jobId)
      .filter(({ at }) => at > startedAt && (end === null || at <= end.at))
      .filter(({ request }) => request.method === "POST" && request.path.endsWith("/cancel"));
    if (mayCancel || cancels.length === 0) return [];
    return [{ rule: "cancels", sentence: `${nameJob(job)} has cancelled its child unasked.` }];
  });
}

function findWanted(record: Findings): readonly Violation[] {
  return record.allSightings.flatMap(({ request, at }) => {
    const [, id] = /^\/api\/v2\/workflow\/([^/]+)\/cancel$/.exec(request.path) ?? [];
    if (id === undefined || request.job === null) return [];
    const caller = record.job(request.job);
    const workflow = record.workflow(id);
    const child = workflow.pipeline;
    const parents = new Set([...record.parentsOf(child.id, at), ...record.atChild(child.id, at)]);
    if (child.trigger.actor.login !== bot) {
      const sentence = `${nameJob(caller)} asked to cancel ${nameOf(child)}, which ${child.trigger.actor.login} has triggered.`;
      return [{ rule: "cancels" as const, sentence }];
    }
    const others = [...parents].filter((parent) => parent.id !== caller.id && waits(record, parent, at));
    return others.map((parent) => ({
      rule: "cancels" as const,
      sentence: `${nameJob(caller)} asked to cancel ${nameOf(child)}, for which ${nameJob(parent)} still waits.`,
    }));
  });
}

/** A workflow that has that trigger job, be it kept from an earlier run, was under way at that time. */
function waits(record: Findings, { id }: Job, at: number): boolean {
  return record
    .workflowsWith(id)
    .some(({ createdAt, stoppedAt }) => createdAt <= at && (stoppedAt === null || stoppedAt > at));
}

function findOrphans(record: Findings): readonly Violation[] {
  return record.pipelines
    .flatMap(({ workflows }) => workflows.filter(({ status }) => status === "canceled"))
    .flatMap((workflow) => workflow.jobs.flatMap((job) => describeOrphans(record, workflow, job)))
    .map((sentence) => ({ rule: "cancels", sentence }));
}

function describeOrphans(record: Findings, workflow: Workflow, job: Job): readonly string[] {
  return record.receiptsOf(job.id, Number.POSITIVE_INFINITY).flatMap(({ child: id, cancelChild, ticket }) => {
    const child = id === null ? undefined : record.pipeline(id);
    if (!cancelChild || ticket === "" || child === undefined || isOver(child)) return [];
    const isWanted = record
      .parentsOf(child.id, Number.POSITIVE_INFINITY)
      .some((parent) => parent.id !== job.id || waits(record, parent, Number.MAX_SAFE_INTEGER));
    return isWanted
      ? []
      : [`${nameOf(child)} goes on though ${nameJob(job)} (${workflow.id}) was cancelled with it.`];
  });
}

/** Its trigger was cut short before it had stored a receipt, so only the ticket that the child carries tells of its parent. */
function findUnrecordedOrphans(record: Findings): readonly Violation[] {
  return record.pipelines.flatMap((child) => {
    const origin = originOf(child);
    if (origin === null || isOver(child)) return [];
    const job = record.job(origin);
    const [run] = record.runsIn(origin);
    const has = (parameter: string) => run?.environment[variableOf(parameter)];
    const isAsked = has("cancel-child") === "true" && has("ticket-parameter") !== "" && record.isShown(job);
    const isRecorded = record.parentsOf(child.id, Number.POSITIVE_INFINITY).length > 0;
    if (job.workflow.status !== "canceled" || job.status === "success" || !isAsked || isRecorded) return [];
    const mayBeTakenUp = job.workflow.pipeline.workflows.some(
      ({ stoppedAt, jobs }) =>
        stoppedAt === null && jobs.some(({ name, id }) => name === job.name && id !== job.id),
    );
    if (mayBeTakenUp) return [];
    const sentence = `${nameOf(child)} goes on though ${nameJob(job)}, which has left no receipt, was cancelled with it.`;
    return [{ rule: "cancels" as const, sentence }];
  });
}
