import { cancelChild } from "../../protocol/cancel-child.ts";
import type { Child } from "../../protocol/child.ts";
import { listTriggers } from "../../protocol/compiled-triggers.ts";
import { hasJobEnded, isFailure } from "../../protocol/job-failure.ts";
import { readTicket } from "../../protocol/ticket.ts";
import type { TriggerRun } from "../../protocol/unrecorded-child.ts";
import { isEnding } from "../../protocol/verdict.ts";
import { type FoundChild, findChild, findUnrecorded } from "./find-child.ts";
import type { ReadReceipts } from "./read-receipts.ts";
import type { Place, Sweep } from "./sweep-pipeline.ts";

/** What a parent has left of its triggers. */
export interface Traces {
  readonly read: ReadReceipts;
  /** The parent's compiled configuration. */
  readonly readConfig: () => Promise<string>;
}

/** Cancels the children that a job of a cancelled workflow has triggered with `cancel-child`, and that nobody else wants. */
export async function sweepOrphans(
  sweep: Sweep,
  place: Place,
  run: TriggerRun,
  traces: Traces,
): Promise<void> {
  const { api, host, input, tally } = sweep;
  for (const { found, ticket } of await listClaims(sweep, run, traces)) {
    const { child, name, state } = found;
    if (child === null && (found.unseen !== null || found.isDoubtful))
      host.log.warn(`${place.name}: ${name} ${state.words}, so it cannot be cancelled.`);
    tally.noteUnseen(found, place.name);
    if (child === null || state.ending !== null) continue;
    const sentence = (words: string) => `${place.name}: ${name} ${words}`;
    const objection = await findObjection(sweep, place, { run, ticket, child }, traces.read);
    if (objection !== null) {
      host.log.info(sentence(`is left running, although its parent was cancelled: ${objection}.`));
      continue;
    }
    tally.orphans++;
    const why = `its parent was cancelled, and \`cancel-child\` is set. ${child.url}`;
    host.log.info(sentence(`${input.dryRun ? "would be" : "is being"} cancelled: ${why}`));
    if (!input.dryRun) await cancelChild(api, host, child);
  }
}

interface Claim {
  readonly found: FoundChild;
  /** That the child must carry. */
  readonly ticket: string;
}

/** The children that are to go with their parent: those of the receipts, and of triggers that were cut short before theirs was stored. */
async function listClaims(
  { api, host, input }: Sweep,
  run: TriggerRun,
  { read, readConfig }: Traces,
): Promise<readonly Claim[]> {
  const { receipts } = await read(run.job);
  const claims: Claim[] = [];
  for (const receipt of receipts.filter((each) => each.cancelChild)) {
    claims.push({ found: await findChild(api, host, input.host, receipt), ticket: receipt.ticket });
  }
  if (!isFailure(run.job.status) || run.job.job_number === null) return claims;
  for (const trigger of listTriggers(await readConfig(), run.job.name)) {
    if (!trigger.cancelChild || receipts.some(({ receipt }) => receipt === trigger.receipt)) continue;
    const found = await findUnrecorded(api, host, input.host, run, trigger);
    if (found !== null) claims.push({ found, ticket: found.ticket });
  }
  return claims;
}

interface Orphan {
  readonly run: TriggerRun;
  readonly ticket: string;
  readonly child: Child;
}

/** Why a child must go on, or null. The parent's reruns are looked at anew, since somebody may begin one at any time. */
async function findObjection(
  { api }: Sweep,
  { pipelineId }: Place,
  { run: { workflow, job }, ticket, child }: Orphan,
  read: ReadReceipts,
): Promise<string | null> {
  const open = (await api.workflowsOf(pipelineId)).filter(
    ({ name, status }) => name === workflow.name && !isEnding(status),
  );
  for (const { id } of open) {
    for (const other of (await api.jobsOf(id)).filter(({ name }) => name === job.name)) {
      if (!hasJobEnded(other.status)) return "a rerun that may take it up is under way";
      const { receipts, isWhole } = await read(other);
      const isTakenUp = receipts.some(({ pipeline }) => pipeline?.id === child.id);
      if (isTakenUp) return "another run of the same workflow waits for it";
      // A trigger that ended well has left a receipt: what cannot be read may name this child.
      const isUnknown = !isWhole || (receipts.length === 0 && other.status === "success");
      if (isUnknown)
        return "another run of the same workflow may wait for it, by a receipt that cannot be read";
    }
  }
  // A file in the parent may name any pipeline; only one that really got this ticket is the parent's child.
  if (ticket === "")
    return "its receipt tells of no ticket (`ticket-parameter` is empty), so nothing proves it";
  if (readTicket(ticket)?.pipelineId !== pipelineId)
    return "the ticket that its receipt tells of is not this parent's";
  const isProven = (await api.pipelineText(child.id)).text.includes(ticket);
  return isProven ? null : "it does not carry the ticket that the receipt tells of";
}
