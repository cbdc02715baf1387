import type { CircleCi } from "../../circleci/client.ts";
import type { Job, Workflow } from "../../circleci/schemas.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { type ChildState, readChildState } from "../../protocol/child-state.ts";
import { matchesAny } from "../../protocol/glob.ts";
import { isFailure } from "../../protocol/job-failure.ts";
import { judgeChild } from "../../protocol/judge-child.ts";
import { judgeJobs } from "../../protocol/judge-jobs.ts";
import { type Ending, worstEnding } from "../../protocol/verdict.ts";

interface Policy {
  readonly onRerun: "reuse" | "rerun-failed" | "new";
  /** Name of the hold to be woken from; empty: none. */
  readonly approvalJob: string;
  /** Globs of the workflows that count; empty: all. */
  readonly childWorkflows: readonly string[];
}

/** A workflow of the child that has ended. */
interface Past {
  readonly workflow: Workflow;
  readonly ending: Ending;
  readonly isCounted: boolean;
  readonly failed: readonly Job[];
  readonly callbacks: readonly Job[];
}

/**
 * Whether the child of an earlier run of this job serves this run, too, after it has been brought to call back
 * once more where that is needed: what has ended will not do so by itself. A child of which a workflow has failed
 * is a failed one, unless another of it still runs: what merely waits for a human may wait for ever.
 */
export async function takeUpChild(
  api: CircleCi,
  host: Host,
  child: Child,
  { onRerun, approvalJob, childWorkflows: patterns }: Policy,
): Promise<boolean> {
  const needsCall = approvalJob !== "";
  const state = await readChildState(api, host, child.id);
  const past = await readPast(api, child, state, { patterns, needsCall });
  const bad = past.filter(({ ending, isCounted }) => isCounted && ending !== "success");
  const hasNeverRun = state.ending !== null && state.workflows.length === 0;
  const words = describe(state, past, bad);
  const say = (rest: string) => host.log.info(`${nameChild(child)} of an earlier run ${rest}`);
  const isRepeat = onRerun === "rerun-failed";
  const isBusy = state.workflows.some((each) => !state.over.includes(each) && each.status !== "on_hold");
  if (!isRepeat && ((bad.length > 0 && !isBusy) || hasNeverRun)) {
    say(`${words}, so a new one is triggered.`);
    return false;
  }
  const toMend = isRepeat ? bad : [];
  const plans = past
    .map((each) => ({
      workflow: each.workflow,
      jobs: [
        ...new Set([...(toMend.includes(each) ? each.failed : []), ...(needsCall ? each.callbacks : [])]),
      ],
    }))
    .filter(({ jobs }) => jobs.length > 0);
  const canMend = !hasNeverRun && toMend.every(({ failed }) => failed.length > 0);
  const willCall = !needsCall || state.ending === null || plans.length > 0;
  if (!canMend || !willCall) {
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

async function readPast(
  api: CircleCi,
  child: Child,
  { over }: ChildState,
  { patterns, needsCall }: { readonly patterns: readonly string[]; readonly needsCall: boolean },
): Promise<readonly Past[]> {
  // Whoever may have called back may be any job.
  const lookInto = needsCall ? () => true : undefined;
  const { workflows, callbacks, findings } = await judgeChild(api, child.id, over, lookInto);
  const called = findings.filter(({ isCallback }) => isCallback).map(({ job }) => job);
  return workflows.map((each) => ({
    workflow: each.workflow,
    ending: judgeJobs([each], callbacks),
    isCounted: patterns.length === 0 || matchesAny(each.workflow.name, patterns),
    failed: each.jobs.filter(({ status }) => isFailure(status)),
    callbacks: each.jobs.filter((job) => called.includes(job) || callbacks.includes(job)),
  }));
}

function describe({ ending, words }: ChildState, past: readonly Past[], bad: readonly Past[]): string {
  const counted = past.filter(({ isCounted }) => isCounted);
  if (ending !== null) {
    const own = worstEnding(counted.map((each) => each.ending));
    return own === null ? words : `ended ${own}`;
  }
  const ends = bad.map((each) => `${each.workflow.name} ended ${each.ending}`).join(", ");
  return ends === "" ? words : `${words}, and ${ends}`;
}
