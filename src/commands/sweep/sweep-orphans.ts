import type { Job } from "../../circleci/schemas.ts";
import { cancelChild } from "../../protocol/cancel-child.ts";
import type { Child } from "../../protocol/child.ts";
import { hasJobEnded } from "../../protocol/job-failure.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { isEnding } from "../../protocol/verdict.ts";
import { findChild } from "./find-child.ts";
import type { ReadReceipts } from "./read-receipts.ts";
import type { Place, Sweep } from "./sweep-pipeline.ts";

/** Cancels the children that a job of a cancelled workflow has triggered with `cancel-child`, and that nobody else wants. */
export async function sweepOrphans(sweep: Sweep, place: Place, job: Job, read: ReadReceipts): Promise<void> {
  const { api, host, input, tally } = sweep;
  for (const receipt of (await read(job)).receipts.filter((each) => each.cancelChild)) {
    const found = await findChild(api, host, input.host, receipt);
    const { child, name, state } = found;
    if (found.unseen !== null)
      host.log.warn(`${place.name}: ${name} ${state.words}, so it cannot be cancelled.`);
    tally.noteUnseen(found, place.name);
    if (child === null || state.ending !== null) continue;
    const sentence = (words: string) => `${place.name}: ${name} ${words}`;
    const objection = await findObjection(sweep, place, { job, receipt, child }, read);
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

interface Orphan {
  readonly job: Job;
  readonly receipt: Receipt;
  readonly child: Child;
}

/** Why a child must go on, or null. The parent's reruns are looked at anew, since somebody may begin one at any time. */
async function findObjection(
  { api }: Sweep,
  { pipelineId }: Place,
  { job, receipt, child }: Orphan,
  read: ReadReceipts,
): Promise<string | null> {
  const open = (await api.workflowsOf(pipelineId)).filter(({ status }) => !isEnding(status));
  for (const { id } of open) {
    for (const other of (await api.jobsOf(id)).filter(({ name }) => name === job.name)) {
      if (!hasJobEnded(other.status)) return "a rerun that may take it up is under way";
      const { receipts, isWhole } = await read(other);
      const isTakenUp = receipts.some(({ pipeline }) => pipeline?.id === child.id);
      if (isTakenUp) return "another workflow of the same pipeline waits for it";
      // A trigger that ended well has left a receipt: what cannot be read may name this child.
      const isUnknown = !isWhole || (receipts.length === 0 && other.status === "success");
      if (isUnknown)
        return "another workflow of the same pipeline may wait for it, by a receipt that cannot be read";
    }
  }
  // A file in the parent may name any pipeline; only one that really got this ticket is the parent's child.
  const isProven = receipt.ticket !== "" && (await api.pipelineText(child.id)).text.includes(receipt.ticket);
  return isProven ? null : "it does not carry the ticket that the receipt tells of";
}
