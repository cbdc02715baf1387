import type { CircleCi } from "../../circleci/client.ts";
import type { Job } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import { findReceipts } from "../../protocol/find-receipts.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { makeNonce } from "../../protocol/ticket.ts";

/**
 * Throws `receipt.invalid` where another job upstream has left a receipt of the same name: the workspace holds only
 * one of the two, and the other child would go unjudged. With an approval job, one that it requires must have; without
 * one it may be any, and each costs a call.
 */
export async function refuseTwin(
  api: CircleCi,
  jobs: readonly Job[],
  selfId: string,
  receipt: Receipt,
): Promise<void> {
  const upstream = listUpstream(jobs, selfId);
  const held = new Set(upstream.filter(isHold).flatMap(({ dependencies }) => dependencies));
  const mayTrigger = (job: Job) => !isHold(job) && (receipt.hold === "" || held.has(job.id));
  const isWriter = ({ name }: Job) =>
    makeNonce(receipt.parent.workflowId, name, receipt.receipt) === receipt.nonce;
  const triggers = upstream.filter(mayTrigger);
  for (const job of triggers.filter((each) => !isWriter(each))) {
    const twins = await findReceipts(api, job, receipt.receipt);
    if (twins.every(({ nonce }) => nonce === receipt.nonce)) continue;
    const names = [...triggers.filter(isWriter), job].map(({ name }) => `\`${name}\``).join(" and ");
    throw new UserError(
      "receipt.invalid",
      `The receipt \`${receipt.receipt}\` is that of more than one job (${names}), so a child would go unjudged.`,
      { hints: ["Give each trigger of a workflow a `receipt` of its own, and name all in `receipts`."] },
    );
  }
}

function isHold({ type }: Job): boolean {
  return type === "approval";
}

/** Everything that a job requires, at whatever distance. */
function listUpstream(jobs: readonly Job[], id: string): readonly Job[] {
  const found = new Set<string>();
  const visit = (each: string): void => {
    for (const required of jobs.find((job) => job.id === each)?.dependencies ?? []) {
      if (found.has(required)) continue;
      found.add(required);
      visit(required);
    }
  };
  visit(id);
  return jobs.filter((job) => found.has(job.id));
}
