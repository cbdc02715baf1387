import type { CircleCi } from "../circleci/client.ts";
import type { Host } from "../host/host.ts";
import { type Child, nameChild } from "./child.ts";
import { isAccepted } from "./release.ts";
import { isEnding } from "./verdict.ts";

/** Cancels every workflow of a child that has not ended, and says so. Workflows that cannot be cancelled are named. */
export async function cancelChild(api: CircleCi, host: Host, child: Child): Promise<void> {
  const open = (await api.workflowsOf(child.id)).filter(({ status }) => !isEnding(status));
  for (const { id, name } of open) {
    const answer = await api.cancelWorkflow(id);
    if (isAccepted(answer)) host.log.info(`Cancelled the workflow ${name} of ${nameChild(child)}.`);
    else
      host.log.warn(
        `CircleCI did not cancel ${name} of ${nameChild(child)}: it answered ${answer ?? "nothing"}.`,
      );
  }
  if (open.length === 0) host.log.info(`${nameChild(child)} has already ended.`);
}
