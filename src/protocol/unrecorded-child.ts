import type { CircleCi } from "../circleci/client.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import type { Secret } from "../secret.ts";
import { pipelinesBetween, type Search, searchPipelines } from "./search-pipelines.ts";
import { isSignedWith, makeNonce, readTicket, type Ticket } from "./ticket.ts";

/** A job that may have triggered, in the workflow where it ran. */
export interface TriggerRun {
  readonly workflow: Workflow;
  readonly job: Job;
}

interface Wanted {
  readonly receipt: string;
  readonly project: string;
  /** By which its ticket is signed; null: it is not known whether it is. */
  readonly secret: Secret | null;
}

/**
 * The pipeline that a job has triggered which was cancelled, or lost with its machine, before its receipt was
 * stored: it carries a ticket that names this very run. A job that never began has triggered nothing.
 */
export async function findUnrecordedChild(
  api: CircleCi,
  { workflow, job }: TriggerRun,
  { receipt, project, secret }: Wanted,
): Promise<Search> {
  if (job.job_number === null || job.stopped_at === null)
    return { found: null, unclear: null, strangers: [] };
  const nonce = makeNonce(workflow.id, job.name, receipt);
  const span = { project, from: Date.parse(workflow.created_at), until: Date.parse(job.stopped_at) };
  const isWanted = (ticket: Ticket | null) => ticket?.workflowId === workflow.id && ticket.nonce === nonce;
  return searchPipelines(api, await pipelinesBetween(api, span), (text) => {
    const tickets = [...text.matchAll(/\bcb1(?:\.[\w-]+){1,2}/g)].map(([ticket]) => ticket);
    const found = tickets
      .filter((ticket) => isWanted(readTicket(ticket)))
      .map((ticket) => ({ ticket, isGenuine: secret === null || isSignedWith(ticket, secret) }));
    return found.find(({ isGenuine }) => isGenuine) ?? found[0] ?? null;
  });
}
