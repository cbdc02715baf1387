import type { Host } from "../host/host.ts";
import type { JobFacts } from "./script.ts";

/** Who deploys, for the lock and the record of the host. */
export function describeDeployer({ env }: Pick<Host, "env">): JobFacts {
  const url = env.CIRCLE_BUILD_URL || "no job";
  const user = env.CIRCLE_USERNAME || "somebody";
  return {
    // The same in a rerun from failed as in the workflow that it repeats.
    workflow: env.CIRCLE_WORKFLOW_WORKSPACE_ID || env.CIRCLE_WORKFLOW_ID || url,
    who: `${user} (${url})`.replaceAll("\n", " "),
    record: {
      by: user,
      job: env.CIRCLE_BUILD_URL || null,
      workflow: env.CIRCLE_WORKFLOW_ID || null,
      pipeline: env.CIRCLE_PIPELINE_ID || null,
      commit: env.CIRCLE_SHA1 || null,
      branch: env.CIRCLE_BRANCH || null,
    },
  };
}

/** Names one run on its hosts. */
export function makeTransactionId(random: () => number): string {
  return Array.from({ length: 12 }, () => Math.min(15, Math.floor(random() * 16)).toString(16)).join("");
}
