import type { CircleCi } from "../circleci/client.ts";
import type { Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Child, nameChild } from "./child.ts";
import { poll } from "./poll.ts";
import { isAccepted } from "./release.ts";
import { isEnding } from "./verdict.ts";

/** "over": there was nothing to cancel. "doubtful": some workflow goes on, as far as the service shows. */
export type Cancellation = "canceled" | "over" | "doubtful";

/** Whoever asks may be about to be killed: that long, in milliseconds, for the service to show what it has done. */
const readBackTimeout = 4_000;

/**
 * Cancels every workflow of a child that has not ended, and says so. What is not accepted may have been done all
 * the same, or be needless by now: the service is asked again before that is said.
 */
export async function cancelChild(api: CircleCi, host: Host, child: Child): Promise<Cancellation> {
  const open = (await api.workflowsOf(child.id)).filter(({ status }) => !isEnding(status));
  const doubtful = new Map<string, number | null>();
  for (const { id, name } of open) {
    const answer = await api.cancelWorkflow(id);
    if (isAccepted(answer)) host.log.info(`Cancelled the workflow ${name} of ${nameChild(child)}.`);
    else doubtful.set(id, answer);
  }
  if (open.length === 0) host.log.info(`${nameChild(child)} has already ended.`);
  if (doubtful.size === 0) return open.length === 0 ? "over" : "canceled";

  const shown = await readBack(
    api,
    host,
    child,
    open.filter(({ id }) => doubtful.has(id)),
  );
  for (const { id, name, status } of shown) {
    const answer = doubtful.get(id) ?? "nothing";
    const words = `${name} of ${nameChild(child)} is ${status ?? "being created"}`;
    if (isEnding(status)) host.log.info(`The workflow ${words}.`);
    else host.log.warn(`CircleCI was asked to cancel a workflow, and answered ${answer}: ${words}.`);
  }
  return shown.every(({ status }) => isEnding(status)) ? "canceled" : "doubtful";
}

/** These workflows as the service shows them once they have ended, or after a while. */
async function readBack(
  api: CircleCi,
  host: Host,
  child: Child,
  asked: readonly Workflow[],
): Promise<readonly Workflow[]> {
  const deadline = host.clock.now() + readBackTimeout;
  let shown = asked;
  await poll(
    host,
    { first: 1_000, longest: 2_000, deadline: () => deadline, waitingFor: () => "Reading back." },
    async () => {
      const all = await api.workflowsOf(child.id);
      shown = asked.map((each) => all.find(({ id }) => id === each.id) ?? each);
      return shown.every(({ status }) => isEnding(status)) ? true : null;
    },
  ).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
  });
  return shown;
}
