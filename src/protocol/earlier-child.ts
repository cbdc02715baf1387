import type { CircleCi } from "../circleci/client.ts";
import type { JobEnvironment } from "../circleci/job-environment.ts";
import { findTicketHolder, type TicketHolder } from "./find-lost-child.ts";
import { findReceipts } from "./find-receipts.ts";
import { hasJobEnded } from "./job-failure.ts";
import type { Receipt } from "./receipt.ts";
import { makeNonce } from "./ticket.ts";
import { isEnding } from "./verdict.ts";

/**
 * The receipt that this very job has left in an earlier run of its workflow, the newest first. Only runs that
 * share a workspace are reruns of one another; the first of them has its own id for that.
 */
export async function findEarlierReceipt(
  api: CircleCi,
  self: JobEnvironment,
  { receipt: name, project }: Pick<Receipt, "receipt" | "project">,
): Promise<Receipt | null> {
  if (self.workspaceId === self.workflowId) return null;
  const workflows = (await api.workflowsOf(self.pipelineId))
    .filter(({ id, tag }) => id !== self.workflowId && tag !== "setup")
    .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  for (const workflow of workflows) {
    const job = (await api.jobsOf(workflow.id)).find((each) => each.name === self.job);
    if (job === undefined) continue;
    const receipts = await findReceipts(api, job, name);
    const own = receipts.find(
      (receipt) => receipt.parent.workspaceId === self.workspaceId && receipt.project === project,
    );
    if (own !== undefined) return own;
  }
  return null;
}

/**
 * The child of an earlier run of this very job that was cancelled: CircleCI stores no artifacts of such a job,
 * so there is no receipt. But the child itself carries the ticket that it was given.
 */
export async function findUnrecordedChild(
  api: CircleCi,
  self: JobEnvironment,
  { receipt, project }: Pick<Receipt, "receipt" | "project">,
): Promise<TicketHolder | null> {
  if (self.workspaceId === self.workflowId) return null;
  const times: number[] = [];
  for (const { id, created_at: begin } of await api.workflowsOf(self.pipelineId)) {
    if (id === self.workflowId) continue;
    const job = (await api.jobsOf(id)).find(({ name }) => name === self.job);
    if (job?.status === "canceled" && job.job_number !== null && job.stopped_at !== null) {
      times.push(Date.parse(begin), Date.parse(job.stopped_at));
    }
  }
  if (times.length === 0) return null;
  const span = { project, from: Math.min(...times), until: Math.max(...times) };
  return findTicketHolder(
    api,
    span,
    ({ pipelineId, workflowId, workspaceId, nonce }) =>
      pipelineId === self.pipelineId &&
      workspaceId === self.workspaceId &&
      nonce === makeNonce(workflowId, self.job, receipt),
  );
}

/** Whether another workflow of this pipeline that is under way has taken up the same child. */
export async function isShared(
  api: CircleCi,
  self: JobEnvironment,
  name: string,
  childId: string,
): Promise<boolean> {
  const others = (await api.workflowsOf(self.pipelineId)).filter(
    ({ id, status }) => id !== self.workflowId && !isEnding(status),
  );
  for (const { id } of others) {
    for (const job of (await api.jobsOf(id)).filter(
      (each) => each.name === self.job && each.id !== self.jobId,
    )) {
      // One that is still at work has stored no receipt yet: it may well have taken up this child.
      if (!hasJobEnded(job.status)) return true;
      const receipts = await findReceipts(api, job, name);
      if (receipts.some(({ pipeline }) => pipeline?.id === childId)) return true;
    }
  }
  return false;
}
