import type { CircleCi } from "../circleci/client.ts";
import type { Job } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { nameChild } from "./child.ts";
import { readFailingStep } from "./failing-step.ts";
import type { JudgingPolicy } from "./judging.ts";
import { failedJobs, type JudgedChild, listSkipped, renderResults } from "./show-result.ts";

/** Of so many failed jobs of a child the last lines are shown. */
const mostLogs = 3;

/**
 * Shows how each child ended, with its jobs. Throws `child.failed` unless every end counts as success.
 * `isFailing`: the job fails in any case, so that `soft-fail` cannot promise otherwise.
 */
export async function reportResults(
  api: CircleCi,
  host: Host,
  judged: readonly JudgedChild[],
  policy: JudgingPolicy & { readonly origin: string; readonly isFailing?: boolean },
): Promise<void> {
  host.log.info(renderResults(judged, policy.origin).join("\n"));
  for (const each of judged) {
    for (const { name, status } of each.callbacks) {
      host.log.warn(
        `${name} of ${nameChild(each.child)} ${status} in calling back; the child's own result does not hang on it.`,
      );
    }
  }
  const bad = judged.filter(({ ending }) => !policy.successOn.some((good) => good === ending));
  if (bad.length === 0) return;

  const jobs: readonly Job[] = bad.flatMap((each) => failedJobs(each).map(({ job }) => job));
  for (const job of jobs.slice(0, mostLogs)) {
    const lines = await readFailingStep(api, job);
    if (lines.length > 0) host.log.info(lines.join("\n"));
  }
  const sentence = `${bad.map(describe).join("; ")}.`;
  if (policy.softFail) {
    const end = policy.isFailing ? "That alone would not fail this job" : "This job succeeds all the same";
    host.log.warn(`${sentence} ${end} (\`soft-fail\`).`);
    return;
  }
  throw new UserError("child.failed", sentence, {
    hints: bad.flatMap((each) => [
      `Look at ${each.child.url}`,
      `Rerun the workflow of ${nameChild(each.child)} from ${hasFailedWorkflow(each) ? "failed" : "the start"}, then this job: it judges the newest run.`,
    ]),
  });
}

/** What CircleCI calls a success cannot be run from failed. */
function hasFailedWorkflow({ workflows }: JudgedChild): boolean {
  return workflows.some(({ workflow }) => workflow.status !== "success");
}

function describe(result: JudgedChild): string {
  const failed = failedJobs(result).map(({ job }) => `${job.name} ${job.status}`);
  const jobs = [...failed, ...listSkipped(result).map(({ name }) => `${name} was skipped by CircleCI`)];
  return `${nameChild(result.child)} ended ${result.ending}${jobs.length > 0 ? ` (${jobs.join(", ")})` : ""}`;
}
