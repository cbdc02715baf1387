import type { CircleCi } from "../../circleci/client.ts";
import type { JobEnvironment } from "../../circleci/job-environment.ts";
import type { Job, Workflow } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { hasJobEnded, isFailure } from "../../protocol/job-failure.ts";
import { gatherFindings } from "../../protocol/job-findings.ts";
import { formatDuration, poll } from "../../protocol/poll.ts";
import { findSkipped } from "../../protocol/skipped-jobs.ts";
import { judge, mayStillPass } from "../../protocol/verdict.ts";

/**
 * Whether anything else in this pipeline has failed, once all of it has ended but for jobs that are calling
 * back like this one. Throws `callback.early` where jobs wait for this very one, and `wait.timeout`; the hold
 * is then as it was.
 */
export async function awaitOthers(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  timeout: number,
): Promise<boolean> {
  const deadline = host.clock.now() + timeout;
  const hasFailed = await poll(
    host,
    {
      first: 2_000,
      longest: 10_000,
      deadline: () => deadline,
      waitingFor: () => "Waiting for the other jobs of this pipeline.",
    },
    async () => {
      const all = await api.workflowsOf(self.pipelineId);
      const now = host.clock.now();
      const states: State[] = [];
      for (const workflow of judge(all, { patterns: [], now }).workflows) {
        const state = await readState(api, workflow, self);
        states.push(state === "failed" && mayStillPass(workflow, all, now) ? "open" : state);
      }
      if (states.includes("failed")) return true;
      return states.includes("open") ? null : false;
    },
  );
  if (hasFailed !== null) return hasFailed;
  throw new UserError(
    "wait.timeout",
    `Other jobs of this pipeline have not ended after ${formatDuration(timeout)}.`,
    {
      hints: [
        "Put the callback into the workflow that ends last, or wait longer with `timeout`. The hold is as it was.",
      ],
    },
  );
}

type State = "open" | "failed" | "passed";

/** How a workflow stands without this job, and without the jobs that are calling back or failed in that alone. */
async function readState(api: CircleCi, workflow: Workflow, self: JobEnvironment): Promise<State> {
  const jobs = await api.jobsOf(workflow.id);
  refuseFollowers(jobs, self);
  if (findSkipped(jobs).length > 0) return "failed";
  const others = jobs.filter(
    ({ id, status }) => id !== self.jobId && status !== "success" && status !== "not_run",
  );
  const findings = await gatherFindings(api, others);
  const hasFailed = findings.some(({ job, ...found }) =>
    isFailure(job.status) ? !found.hasOnlyCallbackFailed : found.hasFailedBefore,
  );
  if (hasFailed) return "failed";
  const isOpen = findings.some(({ job, isCallingBack }) => !hasJobEnded(job.status) && !isCallingBack);
  return isOpen ? "open" : "passed";
}

/** What comes after this job cannot have ended before it, so its end could never be known here. */
function refuseFollowers(jobs: readonly Job[], self: JobEnvironment): void {
  const followers = jobs.filter(
    ({ dependencies, status }) => dependencies.includes(self.jobId) && !hasJobEnded(status),
  );
  if (followers.length === 0) return;
  const names = followers.map(({ name }) => `\`${name}\``).join(", ");
  throw new UserError(
    "callback.early",
    `${names} come after \`${self.job}\`, so the result of this workflow cannot be known yet.`,
    {
      hints: [
        "With `on-failure: cancel` or `leave`, let the callback be the last job of its workflow. The hold is as it was.",
      ],
    },
  );
}
