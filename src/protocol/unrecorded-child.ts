import type { CircleCi } from "../circleci/client.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import type { Secret } from "../secret.ts";
import { findTicketHolder, type Search, type TicketHolder } from "./find-lost-child.ts";
import { isSignedWith, makeNonce } from "./ticket.ts";

/** A job that may have triggered, in the workflow where it ran. */
export interface TriggerRun {
  readonly workflow: Workflow;
  readonly job: Job;
}

export interface UnrecordedChild extends Search {
  /** A pipeline with the right ticket that another user than the token's has triggered, as `#12 …` goes on. */
  readonly foreign: string | null;
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
 * Whoever can set a parameter can make such a ticket, though: it counts with the signature of the secret. Without
 * one, its pipeline must be the token's own user's; another may be a forgery, or the child under an older token.
 */
export async function findUnrecordedChild(
  api: CircleCi,
  { workflow, job }: TriggerRun,
  { receipt, project, secret }: Wanted,
): Promise<UnrecordedChild> {
  if (job.job_number === null || job.stopped_at === null) return { found: null, hidden: [], foreign: null };
  const nonce = makeNonce(workflow.id, job.name, receipt);
  const search = await findTicketHolder(
    api,
    { project, from: Date.parse(workflow.created_at), until: Date.parse(job.stopped_at) },
    (ticket, text) =>
      ticket.workflowId === workflow.id &&
      ticket.nonce === nonce &&
      (secret === null || isSignedWith(text, secret)),
  );
  const foreign = search.found === null || secret !== null ? null : await findForeign(api, search.found);
  return { ...search, found: foreign === null ? search.found : null, foreign };
}

async function findForeign(api: CircleCi, { pipeline }: TicketHolder): Promise<string | null> {
  const actor = pipeline.trigger?.actor?.login ?? "nobody that CircleCI tells of";
  const own = await api.ownLogin();
  if (actor === own) return null;
  return `#${pipeline.number} carries its ticket, but was triggered by ${actor}, not by ${own}`;
}
