import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Result } from "./await-results.ts";
import { nameChild } from "./child.ts";
import { failedJobs, type JudgedChild, renderResult } from "./show-result.ts";
import type { Ending } from "./verdict.ts";

/** Shows how each child ended, with its jobs. Throws `child.failed` unless every end counts as success. */
export async function reportResults(
  api: CircleCi,
  host: Host,
  results: readonly Result[],
  options: { readonly origin: string; readonly successOn: readonly Ending[] },
): Promise<void> {
  const judged: JudgedChild[] = [];
  for (const { child, ending, workflows } of results) {
    const withJobs = [];
    for (const workflow of workflows) withJobs.push({ workflow, jobs: await api.jobsOf(workflow.id) });
    judged.push({ child, ending, workflows: withJobs });
  }
  for (const each of judged) host.log.info(renderResult(each, options.origin).join("\n"));

  const bad = judged.filter(({ ending }) => !options.successOn.some((good) => good === ending));
  if (bad.length === 0) return;
  throw new UserError("child.failed", `${bad.map(describe).join("; ")}.`, {
    hints: bad.map(({ child }) => `Look at ${child.url}`),
  });
}

function describe(result: JudgedChild): string {
  const jobs = failedJobs(result).map(({ job }) => `${job.name} ${job.status}`);
  return `${nameChild(result.child)} ended ${result.ending}${jobs.length > 0 ? ` (${jobs.join(", ")})` : ""}`;
}
