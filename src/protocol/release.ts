import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Hold } from "./find-hold.ts";
import { poll } from "./poll.ts";

/** What to do with a hold: let the parent go on, or end it. */
export type Deed = "approve" | "cancel";

/** How long the service may take to show what it has accepted. */
const readBackTimeout = 10_000;

/** Looking at once would see the state before. */
const readBackPause = 500;

/** "doubtful": it may be done, now or later. Else the status with which it was refused. */
export type Release = "done" | "doubtful" | { readonly refused: number };

/** Approves or cancels a hold that is `on_hold`, and reads it back. To ask once more does no harm. */
export async function release(api: CircleCi, host: Host, hold: Hold, deed: Deed): Promise<Release> {
  const answer =
    deed === "approve" ? await api.approve(hold.workflowId, hold.jobId) : await api.cancelJob(hold.jobId);
  if (isAccepted(answer)) {
    if (await readBack(api, host, hold, deed)) return "done";
    host.log.warn(`CircleCI accepted to ${deed} \`${hold.name}\`, but does not show it; looking again.`);
    return "doubtful";
  }
  host.log.warn(`CircleCI answered with ${answer ?? "nothing"}; looking again.`);
  return answer === null || answer >= 500 ? "doubtful" : { refused: answer };
}

export function isAccepted(answer: number | null): boolean {
  return answer === 200 || answer === 202;
}

/** "Accepted" is not "done". */
async function readBack(
  api: CircleCi,
  host: Host,
  { name, workflowId, jobId }: Hold,
  deed: Deed,
): Promise<boolean> {
  const deadline = host.clock.now() + readBackTimeout;
  const wanted = deed === "approve" ? "success" : "canceled";
  await host.clock.sleep(readBackPause, host.canceled);
  host.canceled.throwIfAborted();
  const isDone = await poll(
    host,
    { first: 500, longest: 2_000, deadline: () => deadline, waitingFor: () => `Reading back \`${name}\`.` },
    async () => {
      const job = (await api.jobsOf(workflowId)).find(({ id }) => id === jobId);
      return job?.status === wanted ? true : null;
    },
  ).catch((error: unknown) => {
    if (error instanceof UserError) return null;
    throw error;
  });
  return isDone !== null;
}
