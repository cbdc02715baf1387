import type { CircleCi } from "../circleci/client.ts";
import { normalizeSlug } from "../circleci/slug.ts";
import { UserError } from "../errors.ts";
import type { Clock } from "../host/host.ts";
import type { Hold } from "./find-hold.ts";
import { findReceipts } from "./find-receipts.ts";
import { matchesAny } from "./glob.ts";
import { hasJobEnded } from "./job-failure.ts";

export interface VouchPolicy {
  readonly requireReceipt: boolean;
  /** Globs of slugs; empty: any parent. */
  readonly allowedParents: readonly string[];
  /** The child's own pipeline, which the receipt must name. */
  readonly pipelineId: string;
  /** Name of the receipt, where a ticket tells it. */
  readonly receipt: string | null;
  /** For so long, in milliseconds, the receipt of a job that has ended may be missing on its list. */
  readonly patience: number;
}

/** CircleCI may show a list of artifacts as it was that long ago. */
export const longestPatience = 30_000;

/**
 * Asks whether a hold really waits for this child: whoever can set a pipeline parameter can name any hold, but
 * only the parent's own job can leave a receipt there. The answer is false as long as the receipt may still
 * come; throws `hold.foreign` once it is clear that it will not.
 */
export function createVoucher(
  api: CircleCi,
  clock: Pick<Clock, "now">,
  policy: VouchPolicy,
): (hold: Hold) => Promise<boolean> {
  const firstLooks = new Map<string, number>();
  return async (hold) => {
    const { allowedParents, requireReceipt } = policy;
    if (
      allowedParents.length > 0 &&
      !matchesAny(normalizeSlug(hold.project), allowedParents.map(normalizeSlug))
    ) {
      throw refuse(`${hold.project} is not among \`allowed-parents\`: ${allowedParents.join(", ")}.`, [
        "Add the parent's slug if this pipeline may wake it.",
      ]);
    }
    if (!requireReceipt) return true;
    let missing: UserError | null = null;
    for (const job of hold.upstream) {
      const receipts = await findReceipts(api, job, policy.receipt).catch((error: unknown) => {
        if (!(error instanceof UserError) || error.code === "circleci.unauthorized") throw error;
        missing = error;
        return [];
      });
      if (receipts.some(({ pipeline }) => pipeline?.id === policy.pipelineId)) return true;
    }
    if (!hold.upstream.every(({ status }) => hasJobEnded(status))) return false;
    const since = firstLooks.get(hold.jobId) ?? clock.now();
    firstLooks.set(hold.jobId, since);
    if (clock.now() - since < policy.patience) return false;
    if (missing !== null) throw missing;
    const names = hold.upstream.map(({ name }) => `\`${name}\``).join(", ") || "no job";
    throw refuse(
      `The hold \`${hold.name}\` of ${hold.project} does not wait for this pipeline: it requires ${names}, without a receipt that names it.`,
      [
        "Let trigger-and-wait trigger this pipeline, in the job that the approval job requires.",
        "For a parent that triggers by other means: `require-receipt: false` with `allowed-parents`.",
      ],
    );
  };
}

function refuse(message: string, hints: readonly string[]): UserError {
  return new UserError("hold.foreign", message, { hints: [...hints, "The hold is as it was."] });
}
