import { variableOf } from "../../../src/orb/define-command.ts";
import type { Job, Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import { type Findings, nameJob, nameOf, type Sighting, upstreamOf } from "./findings.ts";
import { isOver, newestRuns, ownFailuresOf, truthOf, willRepeat } from "./truth.ts";
import type { Violation } from "./violation.ts";

/** A request by which the token decides a hold. */
interface Decision {
  readonly deed: "approve" | "cancel";
  readonly sighting: Sighting;
  readonly caller: Job;
  readonly hold: Job;
  readonly workflow: Workflow;
}

/** No hold is decided without a receipt that lays it open to the caller, and none otherwise than `on-failure` says. */
export function findBadDecisions(record: Findings): readonly Violation[] {
  return findDecisions(record).flatMap((decision) => {
    const stranger = findStranger(record, decision);
    const odd = stranger === null ? findOddDeed(record, decision) : null;
    return [
      ...(stranger === null ? [] : [{ rule: "skeleton-key", sentence: stranger } as const]),
      ...(odd === null ? [] : [{ rule: "deed", sentence: odd } as const]),
    ];
  });
}

function findDecisions(record: Findings): readonly Decision[] {
  return record.allSightings.flatMap((sighting) => {
    const { method, path, job } = sighting.request;
    if (method !== "POST" || job === null) return [];
    const [, approved] = /^\/api\/v2\/workflow\/[^/]+\/approve\/([^/]+)$/.exec(path) ?? [];
    const [, canceled] = /^\/api\/v2\/jobs\/([^/]+)\/cancel$/.exec(path) ?? [];
    const id = approved ?? canceled;
    if (id === undefined) return [];
    const hold = record.job(id);
    const deed = approved === undefined ? "cancel" : "approve";
    return [{ deed, sighting, caller: record.job(job), hold, workflow: hold.workflow }];
  });
}

function findStranger(record: Findings, { deed, sighting, caller, hold, workflow }: Decision): string | null {
  const receipts = upstreamOf(hold, workflow).flatMap(({ id }) => record.receiptsOf(id, sighting.at));
  const children = receipts.flatMap(({ child }) => (child === null ? [] : [child]));
  const claims = record.runsIn(caller.id).some(({ command }) => command === "sweep")
    ? receipts.length > 0
    : children.includes(caller.workflow.pipeline.id);
  if (claims && hold.definition.type === "approval") return null;
  const named = children.map((id) => record.pipeline(id)).flatMap((child) => (child ? nameOf(child) : []));
  return `${nameJob(caller)} asked to ${deed} ${nameJob(hold)}, whose receipts name ${named.join(", ") || "nobody"}.`;
}

function findOddDeed(record: Findings, decision: Decision): string | null {
  const { deed, caller, hold } = decision;
  const seen = lookOf(record, decision);
  const child = record.pipelineAt(caller.workflow.pipeline.id, seen);
  const isSweep = record.runsIn(caller.id).some(({ command }) => command === "sweep");
  if (isSweep) return findHastySweep(record, decision) ?? findWilfulSweep(record, decision);
  const own = record.callbackOf(caller.workflow)?.onFailure;
  if (child === undefined || own === undefined) return null;
  const policy = own === "approve" ? record.strictestPolicyOf(child) : own;
  const what = `${nameJob(caller)} asked to ${deed} ${nameJob(hold)}`;
  const failures = ownFailuresOf(record, child);
  if (deed === "cancel") {
    if (policy !== "cancel") return `${what} under \`on-failure: ${policy}\`.`;
    const lasting = failures.filter(({ workflow }) => !willRepeat(workflow));
    return lasting.length > 0 ? null : `${what} though nothing had failed for good.`;
  }
  if (policy === "approve") return null;
  const open = openJobsOf(record, child, decision.sighting.at).filter(({ id }) => id !== caller.id);
  if (failures.length > 0) return `${what} under \`on-failure: ${policy}\` though ${describe(failures)}.`;
  return open.length > 0 ? `${what} under \`on-failure: ${policy}\` though ${describe(open)}.` : null;
}

/** What the caller's last look at jobs of its own pipeline showed. */
function lookOf(record: Findings, { caller, sighting }: Decision): number {
  const workflows = caller.workflow.pipeline.workflows.map(({ id }) => `/api/v2/workflow/${id}/job`);
  const looks = record
    .sightingsOf(caller.id)
    .filter(
      ({ at, request }) => at <= sighting.at && request.status === 200 && workflows.includes(request.path),
    );
  return looks.length === 0 ? sighting.at : Math.min(...looks.slice(-1).map(({ shows }) => shows));
}

/** Jobs that may still fail: callbacks are left out, and what has come to its callback by the time of the decision. */
function openJobsOf(record: Findings, child: Pipeline, by: number): readonly Job[] {
  return newestRuns(child)
    .flatMap(({ jobs }) => jobs)
    .filter((job) => job.stoppedAt === null && !record.isOwnCallback(job))
    .filter(
      ({ id }) =>
        !record.runsIn(id).some((run) => run.command === "approve-in-parent" && run.startedAt <= by),
    );
}

function findHastySweep(record: Findings, decision: Decision): string | null {
  const hasty = childrenSeen(record, decision).find((child) => !isOver(child));
  if (hasty === undefined) return null;
  return `The sweep asked to ${decision.deed} ${nameJob(decision.hold)} though ${nameOf(hasty)} was under way.`;
}

/** The sweep does what the most careful callback of a child that has not ended well would have done. */
function findWilfulSweep(record: Findings, decision: Decision): string | null {
  const { deed, hold, caller } = decision;
  // An old list may lack the note by which a callback's failure is told from the child's own.
  if (!record.sightingsOf(caller.id).every(({ at, shows }) => at === shows)) return null;
  const bad = childrenSeen(record, decision).filter(
    (child) => truthOf(record, child, { patterns: [], forgives: true }) !== "success",
  );
  const wishes = bad.flatMap(wishesOf);
  const [careful = "approve"] = (["leave", "cancel"] as const).filter((wish) => wishes.includes(wish));
  return careful === deed
    ? null
    : `The sweep asked to ${deed} ${nameJob(hold)}, for which \`${careful}\` is asked by ${bad.map(nameOf).join(", ")}.`;
}

/** What the callbacks that a pipeline has do where it has failed: none of those that were filtered out. */
function wishesOf({ compiled, compiledSetup, workflows }: Pipeline): readonly string[] {
  const all = Object.entries((compiled ?? compiledSetup)?.jobs ?? {});
  const existing = workflows.flatMap((workflow) => workflow.jobs.map(({ definition }) => definition.job));
  const jobs = all.flatMap(([key, job]) => (compiled === null || existing.includes(key) ? [job] : []));
  return jobs.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === "run" ? (step.environment[variableOf("on-failure")] ?? []) : [])),
  );
}

/** The children that the hold waits for, as the caller's last look at each has shown them. */
function childrenSeen(record: Findings, { hold, workflow, sighting, caller }: Decision): readonly Pipeline[] {
  const looks = record.sightingsOf(caller.id);
  return upstreamOf(hold, workflow)
    .flatMap(({ id }) => record.receiptsOf(id, sighting.at))
    .filter((receipt) => receipt.hold === hold.name)
    .flatMap(({ child }) => {
      if (child === null) return [];
      const look = looks.findLast(
        ({ request, at }) => at <= sighting.at && request.path === `/api/v2/pipeline/${child}/workflow`,
      );
      return record.pipelineAt(child, look?.shows ?? sighting.at) ?? [];
    });
}

function describe(jobs: readonly Job[]): string {
  return jobs.map((job) => `${nameJob(job)} was ${job.status}`).join(", ");
}
