import type { CircleCi } from "../../circleci/client.ts";
import type { JobEnvironment } from "../../circleci/job-environment.ts";
import type { Job, Workflow } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { listCallers } from "../../protocol/compiled-jobs.ts";
import { hasJobEnded, isFailure, isRepeatable } from "../../protocol/job-failure.ts";
import { gatherFindings } from "../../protocol/job-findings.ts";
import { listOwnWorkflows } from "../../protocol/own-workflow.ts";
import { formatDuration, poll } from "../../protocol/poll.ts";
import { findSkipped } from "../../protocol/skipped-jobs.ts";
import { judge, mayStillPass } from "../../protocol/verdict.ts";

/** How the rest of a pipeline has ended; or the workflow that sleeps, and will itself call back when it has ended. */
export type Others = "failed" | "passed" | { readonly later: string };

/**
 * What the rest of this pipeline came to, once all of it has ended but for jobs that are calling back like this
 * one. A job is paid for, so it waits for what runs and not for what sleeps until somebody approves: that is left
 * to a later callback or, where none will come, to the sweep. Throws `callback.early` in the latter case and where
 * jobs wait for this very one, and `wait.timeout`; the hold is then as it was.
 */
export async function awaitOthers(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  timeout: number,
): Promise<Others> {
  const deadline = host.clock.now() + timeout;
  let open: readonly string[] = [];
  const others = await poll<Others>(
    host,
    {
      first: 2_000,
      longest: 10_000,
      deadline: () => deadline,
      waitingFor: () => "Waiting for the other jobs of this pipeline.",
    },
    async () => {
      const all = await listOwnWorkflows(api, host, self);
      const now = host.clock.now();
      const states: State[] = [];
      for (const workflow of judge(all, { patterns: [], now }).workflows) {
        states.push(await readState(api, workflow, self, mayStillPass(workflow, all, now)));
      }
      if (states.includes("failed")) return "failed";
      open = states.flatMap((state) => (typeof state === "object" && "open" in state ? state.open : []));
      if (open.length > 0) return null;
      const asleep = states.filter((state) => typeof state === "object" && "gates" in state);
      return asleep.length === 0 ? "passed" : { later: await findLater(api, self, asleep) };
    },
  );
  if (others !== null) return others;
  throw new UserError(
    "wait.timeout",
    `Other jobs of this pipeline have not ended after ${formatDuration(timeout)}: ${open.join(", ")}.`,
    {
      hints: [
        "Put the callback into the workflow that ends last, or wait longer with `timeout`.",
        "The hold is as it was: a sweep resolves it when all workflows of this pipeline have ended.",
      ],
    },
  );
}

type State = "failed" | "passed" | Open | Asleep;

/** What has not come to its end, and how it stands, in words. */
interface Open {
  readonly open: readonly string[];
}

/** A workflow of which nothing runs, nor will, until somebody approves one of its gates. */
interface Asleep {
  readonly workflow: string;
  readonly gates: readonly string[];
  /** All that is still to come. */
  readonly jobs: readonly string[];
}

/** The name of a sleeping workflow that has a callback before it. */
async function findLater(api: CircleCi, self: JobEnvironment, asleep: readonly Asleep[]): Promise<string> {
  const callers = listCallers(await api.configOf(self.pipelineId));
  const later = asleep.find(({ jobs }) => jobs.some((name) => callers.includes(name)));
  if (later !== undefined) return later.workflow;
  const sleepers = asleep.map(({ workflow, gates }) => {
    return `${workflow} sleeps until somebody approves ${gates.map((gate) => `\`${gate}\``).join(", ")}`;
  });
  throw new UserError(
    "callback.early",
    `${sleepers.join("; ")}: the result of this pipeline cannot be known yet, and this job does not wait for that.`,
    {
      hints: [
        "The hold is as it was. When all has ended, run this job again (Rerun workflow from failed), or leave it to the sweep.",
        "To be woken without either, put the callback behind the approval: into the workflow that ends last.",
      ],
    },
  );
}

/**
 * How a workflow stands without this job, and without the jobs that are calling back or failed in that alone. One
 * that has failed and may still pass has not come to its end.
 */
async function readState(
  api: CircleCi,
  workflow: Workflow,
  self: JobEnvironment,
  mayPass: boolean,
): Promise<State> {
  const jobs = await api.jobsOf(workflow.id);
  // There is no workflow without jobs: they are not listed yet.
  if (jobs.length === 0) return { open: [`${workflow.name} shows no jobs`] };
  const others = jobs.filter(
    ({ id, status }) => id !== self.jobId && status !== "success" && status !== "not_run",
  );
  const findings = await gatherFindings(api, others);
  const failed = findings.filter(({ job, ...found }) =>
    isFailure(job.status) ? !found.hasOnlyCallbackFailed : found.hasFailedBefore,
  );
  const hasFailed = findSkipped(jobs).length > 0 || failed.length > 0;
  // The own workflow never ends before this job does: whether it is repeated hangs on what has failed so far.
  const isRepeated =
    mayPass &&
    (workflow.id !== self.workflowId ||
      failed.some(({ job }) => isRepeatable(job) || !hasJobEnded(job.status)));
  if (hasFailed && !isRepeated) return "failed";
  refuseFollowers(jobs, self);
  const open = findings.flatMap(({ job, isCallingBack }) =>
    hasJobEnded(job.status) || isCallingBack ? [] : [job],
  );
  if (open.length > 0) {
    return readSleep(workflow, open) ?? { open: open.map(({ name, status }) => `${name} is ${status}`) };
  }
  // What failed in calling back alone is repeated as a whole, its own steps included.
  const willRepeat = mayPass && workflow.id !== self.workflowId && jobs.some(isRepeatable);
  return hasFailed || willRepeat ? { open: [`${workflow.name} may run again by itself`] } : "passed";
}

/** Each job that is not a gate must wait for another one that has not ended, and so at last for a gate. */
function readSleep({ name }: Workflow, open: readonly Job[]): Asleep | null {
  const gates = open.filter(({ type, status }) => type === "approval" && status === "on_hold");
  const others = open.filter((job) => !gates.includes(job));
  const areBehind = others.every(
    ({ status, dependencies }) => status === "blocked" && open.some(({ id }) => dependencies.includes(id)),
  );
  if (gates.length === 0 || !areBehind) return null;
  return { workflow: name, gates: gates.map((job) => job.name), jobs: others.map((job) => job.name) };
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
