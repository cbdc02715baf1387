import type { Ecs } from "../../aws/ecs.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { shortRevision } from "./progress.ts";

/**
 * Deregisters all but the newest revisions, and those that are in use or were so right before. Running tasks of what
 * is deregistered run on. The deployment is through: what goes wrong here is only mentioned.
 */
export async function keepRevisions(
  host: Host,
  ecs: Ecs,
  {
    family,
    keep,
    used,
  }: { readonly family: string; readonly keep: number; readonly used: readonly string[] },
): Promise<void> {
  const done: string[] = [];
  try {
    const revisions = await ecs.listRevisions(family);
    const old = chooseOld(revisions, keep, used);
    for (const revision of old) {
      await ecs.deregister(revision);
      done.push(shortRevision(revision));
    }
  } catch (error) {
    if (!(error instanceof UserError) && !host.canceled.aborted) throw error;
    const why =
      error instanceof UserError ? [error.message, ...error.hints].join(" ") : "this job was cancelled.";
    host.log.warn(`Old revisions may stay: ${why}`);
  }
  if (done.length > 0) host.log.info(`Deregistered ${done.join(", ")}.`);
}

function chooseOld(newestFirst: readonly string[], keep: number, used: readonly string[]): readonly string[] {
  const kept = newestFirst.filter((revision) => used.includes(revision));
  const others = newestFirst.filter((revision) => !used.includes(revision));
  return others.slice(Math.max(0, keep - kept.length));
}
