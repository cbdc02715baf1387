import type { Job } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Files } from "../../host/host.ts";
import { readReceipt, receiptFolder } from "../../protocol/receipt.ts";
import { makeNonce } from "../../protocol/ticket.ts";
import { isEnding } from "../../protocol/verdict.ts";

/**
 * Makes sure that the workflow will really sleep on this hold, and on nothing else than this job, since a
 * hold that opens too early, too late or never is found out only when it has done its damage.
 * Throws `hold.invalid`.
 */
export function checkHold(
  jobs: readonly Job[],
  name: string,
  self: { readonly job: string; readonly jobId: string },
): void {
  const hold = jobs.find((job) => job.name === name);
  if (hold === undefined) {
    const others = jobs.filter(({ type }) => type === "approval").map((job) => `\`${job.name}\``);
    throw refuse(`This workflow has no job \`${name}\` to sleep on.`, [
      others.length > 0
        ? `Its approval jobs are ${others.join(", ")}: set \`approval-job\` to one of them.`
        : `Add it to the workflow: \`- ${name}: { type: approval, requires: [${self.job}] }\`.`,
    ]);
  }
  if (hold.type !== "approval") {
    throw refuse(`\`${name}\` is no approval job, so this workflow cannot sleep on it.`, [
      `Give it \`type: approval\` in the workflow, or set \`approval-job\` to a job that has it.`,
    ]);
  }
  const isOnlyAfterThisJob = hold.dependencies.length === 1 && hold.dependencies[0] === self.jobId;
  if (!isOnlyAfterThisJob) {
    const required = jobs.filter(({ id }) => hold.dependencies.includes(id)).map((job) => `\`${job.name}\``);
    throw refuse(
      `The approval job \`${name}\` must require \`${self.job}\` and nothing else; it requires ${required.join(", ") || "nothing"}.`,
      [
        `Write \`requires: [${self.job}]\` for \`${name}\`, and let the job that runs check-status require whatever else must be done.`,
      ],
    );
  }
  const statuses = hold.requires[self.jobId] ?? ["success"];
  if (statuses.join() !== "success") {
    throw refuse(
      `The approval job \`${name}\` must require that \`${self.job}\` succeeds; it requires that it ends as ${statuses.join(" or ")}.`,
      [
        `Write \`requires: [${self.job}]\`: a hold that opens after a failed trigger waits for a child that nobody has triggered.`,
      ],
    );
  }
  if (isEnding(hold.status))
    throw refuse(`The approval job \`${name}\` is already decided: ${hold.status}.`, [
      "Rerun this workflow from its start: that makes a new approval job.",
    ]);
}

/**
 * Makes sure that no other step of this job has triggered a child for the same hold, which whichever child calls
 * back first would open for both. Throws `hold.invalid`.
 */
export async function checkHoldIsFree(
  files: Files,
  hold: string,
  self: { readonly job: string; readonly workflowId: string },
  receipt: string,
): Promise<void> {
  for (const file of await files.list(receiptFolder)) {
    const name = file.replace(/\.json$/, "");
    if (name === receipt || name === file) continue;
    const other = await readReceipt(files, name);
    // The workspace may hold receipts of other jobs, and of earlier runs.
    if (other?.hold !== hold || other.nonce !== makeNonce(self.workflowId, self.job, name)) continue;
    throw new UserError(
      "hold.invalid",
      `The approval job \`${hold}\` already waits for the child of the receipt \`${name}\`, and whichever child is first would open it.`,
      {
        hints: [
          "Give each trigger-and-wait a job, an approval job and a `receipt` of its own, and name all receipts in `receipts` of check-status.",
        ],
      },
    );
  }
}

function refuse(message: string, hints: readonly string[]): UserError {
  return new UserError("hold.invalid", message, { hints: [...hints, "Nothing was triggered."] });
}
