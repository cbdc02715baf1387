import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { findHold, type Hold, isLost } from "./find-hold.ts";
import { formatDuration, poll } from "./poll.ts";
import { isEnding } from "./verdict.ts";

/** Which hold to release: of one workflow and its reruns, or, without a workflow, of a whole pipeline. */
export interface Target {
  readonly pipelineId: string;
  readonly workflowId: string | null;
  readonly hold: string;
}

export interface Resolution {
  readonly end: "approved" | "already-approved" | "lost";
  readonly hold: Hold;
}

/** How long the service may take to show an approval that it has accepted. */
const readBackTimeout = 10_000;

/** So many refusals in a row are no passing fault. */
const patience = 3;

/**
 * Releases a hold, once, whoever else is about to do the same: waits until it can be approved, approves it,
 * and reads it back. A hold that somebody has approved already is as good; one that is cancelled with its
 * workflow is looked for in a rerun, and else reported as lost.
 * Throws `hold.invalid`, `wait.timeout`, `circleci.*`.
 */
export async function resolveHold(
  api: CircleCi,
  host: Host,
  target: Target,
  timeout: number,
): Promise<Resolution> {
  const deadline = host.clock.now() + timeout;
  let refusals = 0;
  let state = "not yet looked at";

  const resolution = await poll<Resolution>(
    host,
    {
      first: 1_000,
      longest: 10_000,
      deadline: () => deadline,
      waitingFor: () => `Waiting until \`${target.hold}\` can be approved; it is ${state}.`,
    },
    async () => {
      const { hold, canOpen } = await lookForHold(api, target);
      state = hold.status;
      if (hold.status === "success") return { end: "already-approved", hold };
      if (!canOpen) return { end: "lost", hold };
      if (hold.status !== "on_hold") return null;
      const answer = await api.approve(hold.workflowId, hold.jobId);
      if (answer === 202) {
        await readBack(api, host, target.hold, hold);
        return { end: "approved", hold };
      }
      host.log.warn(`CircleCI answered the approval with ${answer ?? "nothing"}; looking again.`);
      refusals = answer !== null && answer < 500 ? refusals + 1 : 0;
      if (refusals < patience) return null;
      throw new UserError(
        "circleci.failed",
        `CircleCI refuses to approve \`${target.hold}\`: it answered ${answer}.`,
        {
          hints: [
            "Check that the token's owner may approve jobs of the parent's project; the hold is as it was.",
          ],
        },
      );
    },
  );
  if (resolution !== null) return resolution;
  throw new UserError(
    "wait.timeout",
    `\`${target.hold}\` could not be approved within ${formatDuration(timeout)}: it is ${state}.`,
    {
      hints: [
        "A blocked hold waits for the job that it requires: look at the parent.",
        "Wait longer with `timeout`.",
      ],
    },
  );
}

interface Found {
  readonly hold: Hold;
  readonly canOpen: boolean;
}

/** Only where the workflow that asked has lost its hold do reruns of it come into play. */
async function lookForHold(api: CircleCi, { pipelineId, workflowId, hold }: Target): Promise<Found> {
  if (workflowId !== null) {
    const own = { workflow: { id: workflowId, created_at: "" }, jobs: await api.jobsOf(workflowId) };
    const found = findHold([own], hold);
    if (await canOpen(api, found)) return { hold: found, canOpen: true };
  }
  const workflows = await api.workflowsOf(pipelineId);
  const parents = [];
  for (const workflow of workflows.filter(({ tag }) => tag !== "setup")) {
    parents.push({ workflow, jobs: await api.jobsOf(workflow.id) });
  }
  const found = findHold(parents, hold);
  return { hold: found, canOpen: await canOpen(api, found) };
}

/** On servers that know no `not_run`, a hold that nothing can open any more stays blocked in a workflow that has ended. */
async function canOpen(api: CircleCi, hold: Hold): Promise<boolean> {
  if (isLost(hold)) return false;
  if (hold.status !== "blocked") return true;
  return !isEnding((await api.workflow(hold.workflowId)).status);
}

/** "Accepted" is not "done". But the hold is as good as released, so a slow service is only worth a warning. */
async function readBack(api: CircleCi, host: Host, name: string, { workflowId, jobId }: Hold): Promise<void> {
  const deadline = host.clock.now() + readBackTimeout;
  const isDone = await poll(
    host,
    { first: 500, longest: 2_000, deadline: () => deadline, waitingFor: () => `Reading back \`${name}\`.` },
    async () => {
      const job = (await api.jobsOf(workflowId)).find(({ id }) => id === jobId);
      return job?.status === "success" ? true : null;
    },
  ).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  if (isDone === null) {
    host.log.warn(`CircleCI accepted the approval of \`${name}\`, but does not show it yet.`);
  }
}
