import type { CircleCi } from "../circleci/client.ts";
import type { JobEnvironment } from "../circleci/job-environment.ts";
import type { Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";
import { findReceipts } from "./find-receipts.ts";
import { hasJobEnded } from "./job-failure.ts";
import { listOwnWorkflows } from "./own-workflow.ts";
import type { Receipt } from "./receipt.ts";
import type { TicketHolder } from "./search-pipelines.ts";
import { findUnrecordedChild, type TriggerRun } from "./unrecorded-child.ts";
import { isEnding } from "./verdict.ts";

/** What is left of the child of an earlier run: the receipt of that run, or the pipeline that carries its ticket. */
export type EarlierTrace = { readonly receipt: Receipt } | { readonly holder: TicketHolder };

type Wanted = Pick<Receipt, "receipt" | "project" | "ticket"> & { readonly secret: Secret | null };

/**
 * What the newest run of this very job before this one has left that may have triggered. One that was cancelled
 * or lost with its machine may have left no receipt, but its child carries a ticket that names the run. Only runs
 * that share a workspace are reruns of one another; the first of them has its own id for that.
 * Throws `trigger.ambiguous` where a pipeline of that time cannot be looked into, or may be a forgery.
 */
export async function findEarlierTrace(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  wanted: Wanted,
): Promise<EarlierTrace | null> {
  if (self.workspaceId === self.workflowId) return null;
  for (const run of await listEarlierRuns(api, host, self)) {
    const receipts = await findReceipts(api, run.job, wanted.receipt);
    const own = receipts.find(
      ({ parent, project }) => parent.workspaceId === self.workspaceId && project === wanted.project,
    );
    if (own !== undefined) return { receipt: own };
    const holder = wanted.ticket === "" ? null : await searchUnrecorded(api, run, wanted);
    if (holder !== null) return { holder };
  }
  return null;
}

/** The newest first. A rerun shows once more the jobs that it keeps: the oldest workflow that has one is where it ran. */
async function listEarlierRuns(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
): Promise<readonly TriggerRun[]> {
  const others = (await listOtherRuns(api, host, self)).toSorted(
    (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at),
  );
  const runs = new Map<string, TriggerRun>();
  for (const workflow of others) {
    const job = (await api.jobsOf(workflow.id)).find((each) => each.name === self.job);
    if (job !== undefined && !runs.has(job.id)) runs.set(job.id, { workflow, job });
  }
  return [...runs.values()].reverse();
}

/** The other runs of the own workflow: a workflow of another name is no rerun, whatever its jobs are called. */
async function listOtherRuns(api: CircleCi, host: Host, self: JobEnvironment): Promise<readonly Workflow[]> {
  const all = await listOwnWorkflows(api, host, self);
  const name = all.find(({ id }) => id === self.workflowId)?.name;
  return all.filter((each) => each.id !== self.workflowId && each.name === name);
}

async function searchUnrecorded(
  api: CircleCi,
  run: TriggerRun,
  wanted: Wanted,
): Promise<TicketHolder | null> {
  const { found, unclear } = await findUnrecordedChild(api, run, wanted);
  if (unclear === null) return found;
  throw new UserError(
    "trigger.ambiguous",
    `\`${run.job.name}\` of an earlier run ended ${run.job.status} without a receipt, so it may have triggered ${wanted.project}; ${unclear.words}.`,
    { hints: [...unclear.hints, ...wayOut] },
  );
}

/** For whoever is where nobody can tell whether there is a child. */
export const wayOut = [
  "Look at the child project's newest pipelines.",
  "To begin anew all the same, trigger a new pipeline of this project, or set `on-rerun: new`: any other rerun looks for the same child again.",
];

/** Whether another run of this workflow that is under way has taken up the same child. */
export async function isShared(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  name: string,
  childId: string,
): Promise<boolean> {
  const others = (await listOtherRuns(api, host, self)).filter(({ status }) => !isEnding(status));
  for (const { id } of others) {
    for (const job of (await api.jobsOf(id)).filter(
      (each) => each.name === self.job && each.id !== self.jobId,
    )) {
      // One that is still at work has stored no receipt yet: it may well have taken up this child.
      if (!hasJobEnded(job.status)) return true;
      const receipts = await findReceipts(api, job, name);
      if (receipts.some(({ pipeline }) => pipeline?.id === childId)) return true;
      // A trigger that ended well has left a receipt: one that cannot be read may name this child.
      if (receipts.length === 0 && job.status === "success") return true;
    }
  }
  return false;
}
