import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Hold, holdsOf } from "./find-hold.ts";
import { poll } from "./poll.ts";
import { release } from "./release.ts";
import type { Target } from "./resolve.ts";

/**
 * A workflow that was run again while its first run still slept has taken up the same child, and sleeps on a hold
 * of its own: resolves those holds, too, and waits for one that is about to open. Answers the holds that it has
 * resolved. `resolved` is the one that has been before; `target` must vouch by receipts, or a rerun with a child of
 * its own could not be told from one that waits for this.
 */
export async function wakeReruns(
  api: CircleCi,
  host: Host,
  target: Target,
  resolved: Hold,
  timeout: number,
): Promise<readonly Hold[]> {
  const deadline = host.clock.now() + timeout;
  const woken: Hold[] = [];
  const settled = new Set([resolved.jobId]);
  const doubtful = new Set<string>();
  const wanted = target.deed === "approve" ? "success" : "canceled";
  const look = async () => {
    let isOneLeft = false;
    for (const hold of await listHolds(api, target, resolved.workflowId)) {
      if (settled.has(hold.jobId)) continue;
      const stand = await rate(hold, target);
      const released = stand === "ready" ? await release(api, host, hold, target.deed) : null;
      if (released === "doubtful") doubtful.add(hold.jobId);
      const isDone = released === "done" || (doubtful.has(hold.jobId) && hold.status === wanted);
      if (isDone) woken.push(hold);
      if (isDone || stand === "none") settled.add(hold.jobId);
      else isOneLeft = true;
    }
    return isOneLeft ? null : true;
  };
  const rerun = `A rerun of the parent that sleeps on \`${target.hold}\`, or is about to,`;
  const waitingFor = () => `${rerun} is to be woken, too.`;
  const options = { first: 2_000, longest: 10_000, deadline: () => deadline, waitingFor };
  if ((await poll(host, options, look)) === null) host.log.warn(`${rerun} is left to a sweep.`);
  return woken;
}

/** Holds of that name in the other runs of the workflow that has been served. */
async function listHolds(api: CircleCi, target: Target, served: string): Promise<readonly Hold[]> {
  const all = await api.workflowsOf(target.pipelineId);
  const name = all.find(({ id }) => id === served)?.name;
  const holds = [];
  for (const workflow of all) {
    if (workflow.id === served || workflow.name !== name) continue;
    holds.push(...holdsOf({ workflow, jobs: await api.jobsOf(workflow.id) }, target.hold));
  }
  return holds;
}

async function rate(hold: Hold, { vouch }: Target): Promise<"ready" | "coming" | "none"> {
  if (hold.status === "blocked") {
    return hold.upstream.some(({ status }) => status === "running") ? "coming" : "none";
  }
  if (hold.status !== "on_hold") return "none";
  try {
    return (await vouch(hold)) ? "ready" : "coming";
  } catch (error) {
    if (error instanceof UserError && error.code === "hold.foreign") return "none";
    throw error;
  }
}
