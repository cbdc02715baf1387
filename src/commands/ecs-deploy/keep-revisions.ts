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
  try {
    const revisions = await ecs.listRevisions(family);
    const old = chooseOld(revisions, keep, used);
    for (const revision of old) await ecs.deregister(revision);
    if (old.length > 0) host.log.info(`Deregistered ${old.map(shortRevision).join(", ")}.`);
  } catch (error) {
    host.canceled.throwIfAborted();
    if (!(error instanceof UserError)) throw error;
    host.log.warn(`Old revisions stay: ${[error.message, ...error.hints].join(" ")}`);
  }
}

function chooseOld(newestFirst: readonly string[], keep: number, used: readonly string[]): readonly string[] {
  const kept = newestFirst.filter((revision) => used.includes(revision));
  const others = newestFirst.filter((revision) => !used.includes(revision));
  return others.slice(Math.max(0, keep - kept.length));
}
