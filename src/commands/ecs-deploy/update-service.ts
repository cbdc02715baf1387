import { LostAnswer } from "../../aws/call.ts";
import type { Ecs } from "../../aws/ecs.ts";
import type { Service } from "../../aws/ecs-shapes.ts";
import type { Host } from "../../host/host.ts";
import { findPrimary } from "./judge.ts";

const mostTries = 5;
const pause = 5_000;

/** Updates the service, and answers it as it is then. A forced update is repeated only where the service shows none. */
export async function updateService(
  host: Host,
  ecs: Ecs,
  { before, revision, isForced }: { before: Service; revision: string; isForced: boolean },
): Promise<Service> {
  for (let count = 1; ; count++) {
    try {
      return await ecs.update(revision, { isForced });
    } catch (error) {
      if (!isForced || !(error instanceof LostAnswer)) throw error;
      host.log.warn(`${error.message} Looking whether the service was updated.`);
      await host.clock.sleep(pause, host.canceled);
      host.canceled.throwIfAborted();
      const service = await ecs.findService().catch(() => null);
      const primary = service === null ? null : findPrimary(service);
      const isNew = primary !== null && primary.id !== findPrimary(before)?.id;
      if (service !== null && isNew && primary.taskDefinition === revision) return service;
      if (primary === null || isNew || count === mostTries) throw error;
    }
  }
}
