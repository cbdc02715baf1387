import type { CircleCi } from "../circleci/client.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { findTicketHolder, type Search } from "./find-lost-child.ts";
import { makeNonce } from "./ticket.ts";

/** A job that may have triggered, in the workflow where it ran. */
export interface TriggerRun {
  readonly workflow: Workflow;
  readonly job: Job;
}

/**
 * The pipeline that a job has triggered which was cancelled, or lost with its machine, before its receipt was
 * stored: it carries a ticket that names this very run. A job that never began has triggered nothing.
 */
export async function findUnrecordedChild(
  api: CircleCi,
  { workflow, job }: TriggerRun,
  { receipt, project }: { readonly receipt: string; readonly project: string },
): Promise<Search> {
  if (job.job_number === null || job.stopped_at === null) return { found: null, hidden: [] };
  const nonce = makeNonce(workflow.id, job.name, receipt);
  return findTicketHolder(
    api,
    { project, from: Date.parse(workflow.created_at), until: Date.parse(job.stopped_at) },
    (ticket) => ticket.workflowId === workflow.id && ticket.nonce === nonce,
  );
}
