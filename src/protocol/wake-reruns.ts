import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Hold, holdsOf } from "./find-hold.ts";
import { poll } from "./poll.ts";
import { isAccepted, release } from "./release.ts";
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
  const unanswered = new Set<string>();
  const wanted = target.deed === "approve" ? "success" : "canceled";
  const look = async () => {
    let isOver = true;
    for (const hold of await listHolds(api, target, resolved.workflowId)) {
      if (settled.has(hold.jobId)) continue;
      const stand = await rate(hold, target);
      const answer = stand === "ready" ? await release(api, host, hold, target.deed) : undefined;
      // Without an answer it may be done or not: the next look tells.
      const isUnknown = answer === null || (answer ?? 0) >= 500;
      if (isUnknown) unanswered.add(hold.jobId);
      if (isUnknown || stand === "coming") {
        isOver = false;
        continue;
      }
      settled.add(hold.jobId);
      const isDone = unanswered.has(hold.jobId) && hold.status === wanted;
      if (isDone || isAccepted(answer ?? null)) woken.push(hold);
    }
    return isOver ? true : null;
  };
  const waitingFor = () => `A rerun of the parent is about to sleep on \`${target.hold}\`, too.`;
  await poll(host, { first: 2_000, longest: 10_000, deadline: () => deadline, waitingFor }, look);
  if ([...unanswered].some((id) => !settled.has(id)))
    host.log.warn("Reruns of the parent that CircleCI gave no answer about are left to a sweep.");
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
