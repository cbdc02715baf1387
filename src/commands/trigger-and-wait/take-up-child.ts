import type { CircleCi } from "../../circleci/client.ts";
import type { Job, Workflow } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { type ChildState, readChildState } from "../../protocol/child-state.ts";
import { listCallers } from "../../protocol/compiled-jobs.ts";
import { matchesAny } from "../../protocol/glob.ts";
import { isFailure } from "../../protocol/job-failure.ts";
import { judgeChild } from "../../protocol/judge-child.ts";
import { judgeJobs } from "../../protocol/judge-jobs.ts";
import { poll } from "../../protocol/poll.ts";
import { type Ending, worstEnding } from "../../protocol/verdict.ts";

/** CircleCI may show a list of workflows as it was that long ago, in milliseconds. */
const longestLag = 60_000;

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
  const reruns: string[] = [];
  for (const { workflow, jobs } of plans) {
    reruns.push(
      await api.rerun(
        workflow.id,
        jobs.map(({ id }) => id),
      ),
    );
    host.log.info(`Rerunning ${jobs.map(({ name }) => name).join(", ")} of ${workflow.name}.`);
  }
  if (plans.length > 0) await awaitListed(api, host, child, reruns);
  return true;
}

/** Until it is listed, the child looks as it did before the rerun, and its old result would be taken for the new one. */
async function awaitListed(
  api: CircleCi,
  host: Host,
  child: Child,
  reruns: readonly string[],
): Promise<void> {
  const deadline = host.clock.now() + longestLag;
  const name = nameChild(child);
  const waitingFor = () => `Waiting until CircleCI lists the rerun of ${name}.`;
  const listed = await poll(
    host,
    { first: 1_000, longest: 5_000, deadline: () => deadline, waitingFor },
    async () => {
      const ids = (await api.workflowsOf(child.id)).map(({ id }) => id);
      return reruns.every((id) => ids.includes(id)) ? true : null;
    },
  );
  if (listed !== null) return;
  throw new UserError(
    "circleci.failed",
    `CircleCI has begun a rerun of ${name}, but does not list it: ${child.url}`,
    { hints: ["Run this job again once the rerun is to be seen there: it takes up the same child."] },
  );
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
  // What a job has left may not be listed yet: then its configuration tells what it is for.
  const callers = needsCall && called.length === 0 ? listCallers(await api.configOf(child.id)) : [];
  const isCaller = ({ name, status }: Job) => status !== "not_run" && callers.includes(name);
  return workflows.map((each) => ({
    workflow: each.workflow,
    ending: judgeJobs([each], callbacks),
    isCounted: patterns.length === 0 || matchesAny(each.workflow.name, patterns),
    failed: each.jobs.filter(({ status }) => isFailure(status)),
    callbacks: each.jobs.filter((job) => called.includes(job) || callbacks.includes(job) || isCaller(job)),
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
