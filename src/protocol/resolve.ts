import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { findHolds, type Hold, isPending, preferHold } from "./find-hold.ts";
import { formatDuration, poll } from "./poll.ts";
import { type Deed, release } from "./release.ts";
import { isEnding } from "./verdict.ts";

/** Which hold to resolve: of one workflow and its reruns, or, without a workflow, of a whole pipeline. */
export interface Target {
  readonly pipelineId: string;
  readonly workflowId: string | null;
  readonly hold: string;
  readonly deed: Deed;
  /** Whether the hold waits for us: false while that cannot be told yet; throws where it does not. */
  readonly vouch: (hold: Hold) => Promise<boolean>;
}

export interface Resolution {
  /** "done": by our own request, as far as can be told where the answer to it is lost. */
  readonly end: "done" | "already-approved" | "already-canceled" | "lost";
  readonly hold: Hold;
}

/** So many refusals in a row are no passing fault. */
const patience = 3;

/**
 * Resolves a hold, once, whoever else is about to do the same: waits until it can be decided and is vouched
 * for, approves or cancels it, and reads it back. A hold that somebody has approved already is as good; one
 * that is lost with its workflow is looked for in a rerun, and else reported as lost.
 * Throws `hold.invalid`, `hold.foreign`, `wait.timeout`, `circleci.*`; the hold is then as it was.
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
  const doubtful = new Set<string>();

  const resolution = await poll<Resolution>(
    host,
    {
      first: 1_000,
      longest: 10_000,
      deadline: () => deadline,
      waitingFor: () => `Waiting until \`${target.hold}\` can be resolved; it is ${state}.`,
    },
    async () => {
      const { hold, stand } = await lookForHold(api, target);
      state = hold.status;
      if (stand === "closed") {
        const end = describeEnd(hold, target.deed);
        return { end: end === wanted[target.deed] && doubtful.has(hold.jobId) ? "done" : end, hold };
      }
      if (stand === "not yet") return null;
      const released = await release(api, host, hold, target.deed);
      if (released === "done") return { end: "done", hold };
      if (released === "doubtful") {
        doubtful.add(hold.jobId);
        refusals = 0;
        return null;
      }
      refusals++;
      if (refusals < patience) return null;
      throw new UserError(
        "circleci.failed",
        `CircleCI refuses to ${target.deed} \`${target.hold}\`: it answered ${released.refused}.`,
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
    `\`${target.hold}\` could not be resolved within ${formatDuration(timeout)}: it is ${state}.`,
    {
      hints: [
        "A blocked hold waits for the job that it requires: look at the parent.",
        "Wait longer with `timeout`.",
      ],
    },
  );
}

/** How a hold stands on which this was done. */
const wanted = { approve: "already-approved", cancel: "already-canceled" } as const;

function describeEnd({ status }: Hold, deed: Deed): Resolution["end"] {
  if (status === "success") return "already-approved";
  return status === "canceled" && deed === "cancel" ? "already-canceled" : "lost";
}

interface Found {
  readonly hold: Hold;
  /** "not yet": it may still come to wait for us, or to show that it does. */
  readonly stand: "ready" | "not yet" | "closed";
}

/** Only where the hold of the workflow that asked is decided do reruns of that workflow come into play. */
async function lookForHold(api: CircleCi, target: Target): Promise<Found> {
  const { pipelineId, workflowId, hold: name } = target;
  let own: Hold | null = null;
  if (workflowId !== null) {
    const parent = { workflow: { id: workflowId, created_at: "" }, jobs: await api.jobsOf(workflowId) };
    own = preferHold(findHolds([parent], name));
    if (own !== null && (await canOpen(api, own))) return { hold: own, stand: await rate(own, target) };
  }
  const all = (await api.workflowsOf(pipelineId)).filter(({ tag }) => tag !== "setup");
  const asker = all.find(({ id }) => id === workflowId)?.name;
  const reruns = asker === undefined ? all : all.filter((workflow) => workflow.name === asker);
  const parents = [];
  for (const workflow of reruns) parents.push({ workflow, jobs: await api.jobsOf(workflow.id) });
  return chooseHold(api, target, own, findHolds(parents, name));
}

/** A rerun that has triggered a child of its own has a hold that waits for that one, not for us. */
async function chooseHold(
  api: CircleCi,
  target: Target,
  own: Hold | null,
  holds: readonly Hold[],
): Promise<Found> {
  const open: Found[] = [];
  let refusal: UserError | null = null;
  for (const hold of holds.filter(isPending)) {
    if (!(await canOpen(api, hold))) continue;
    try {
      open.push({ hold, stand: await rate(hold, target) });
    } catch (error) {
      if (!isForeign(error)) throw error;
      refusal ??= error;
    }
  }
  const [first] = open;
  if (first !== undefined) return open.find(({ stand }) => stand === "ready") ?? first;
  const decided = own ?? preferHold(holds.filter((hold) => !isPending(hold)));
  if (decided === null && refusal !== null) throw refusal;
  const hold = decided ?? preferHold(holds);
  if (hold === null) throw new Error(`no hold ${target.hold} in a list that is not empty`);
  return { hold, stand: "closed" };
}

async function rate(hold: Hold, { vouch }: Target): Promise<"ready" | "not yet"> {
  return hold.status === "on_hold" && (await vouch(hold)) ? "ready" : "not yet";
}

function isForeign(error: unknown): error is UserError {
  return error instanceof UserError && error.code === "hold.foreign";
}

/** On servers that know no `not_run`, a hold that nothing can open any more stays blocked in a workflow that has ended. */
async function canOpen(api: CircleCi, hold: Hold): Promise<boolean> {
  if (!isPending(hold)) return false;
  if (hold.status !== "blocked") return true;
  return !isEnding((await api.workflow(hold.workflowId)).status);
}
