import type { CircleCi } from "../../circleci/client.ts";
import type { Job, Workflow } from "../../circleci/schemas.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { readChildState } from "../../protocol/child-state.ts";
import { isFailure } from "../../protocol/job-failure.ts";
import { gatherFindings } from "../../protocol/job-findings.ts";
import { isEnding } from "../../protocol/verdict.ts";

interface Policy {
  readonly onRerun: "reuse" | "rerun-failed" | "new";
  /** Name of the hold to be woken from; empty: none. */
  readonly approvalJob: string;
}

/**
 * Whether the child of an earlier run of this job serves this run, too, after it has been brought to call back
 * once more where that is needed: what has ended will not do so by itself.
 */
export async function takeUpChild(
  api: CircleCi,
  host: Host,
  child: Child,
  { onRerun, approvalJob }: Policy,
): Promise<boolean> {
  const { ending, words, workflows } = await readChildState(api, host, child.id);
  const say = (rest: string) => host.log.info(`${nameChild(child)} of an earlier run ${rest}`);
  const isRepeat = ending !== null && ending !== "success" && onRerun === "rerun-failed";
  if (ending !== null && ending !== "success" && !isRepeat) {
    say(`${words}, so a new one is triggered.`);
    return false;
  }
  const plans = await planReruns(api, workflows, { isRepeat, needsCall: approvalJob !== "" });
  const isServed = ending === null || plans.length > 0 || (ending === "success" && approvalJob === "");
  if (!isServed) {
    say(`${words}, but has no job to run again, so a new one is triggered.`);
    return false;
  }
  say(`${words}: ${child.url}`);
  for (const { workflow, jobs } of plans) {
    await api.rerun(workflow.id, { jobs: jobs.map(({ id }) => id) });
    host.log.info(`Rerunning ${jobs.map(({ name }) => name).join(", ")} of ${workflow.name}.`);
  }
  return true;
}

interface Plan {
  readonly workflow: Workflow;
  readonly jobs: readonly Job[];
}

/** Of each workflow that has ended, the jobs to run again: those that call back, and on demand those that failed. */
async function planReruns(
  api: CircleCi,
  workflows: readonly Workflow[],
  { isRepeat, needsCall }: { readonly isRepeat: boolean; readonly needsCall: boolean },
): Promise<readonly Plan[]> {
  if (!isRepeat && !needsCall) return [];
  const plans: Plan[] = [];
  for (const workflow of workflows) {
    const mayRun = workflow.status === "success" || (isRepeat && isEnding(workflow.status));
    if (!mayRun) continue;
    const all = await api.jobsOf(workflow.id);
    const failed = isRepeat ? all.filter(({ status }) => isFailure(status)) : [];
    const jobs = [...new Set([...failed, ...(needsCall ? await findCallbacks(api, all) : [])])];
    if (jobs.length > 0) plans.push({ workflow, jobs });
  }
  return plans;
}

async function findCallbacks(api: CircleCi, jobs: readonly Job[]): Promise<readonly Job[]> {
  const findings = await gatherFindings(api, jobs);
  return findings.filter(({ isCallback }) => isCallback).map(({ job }) => job);
}
