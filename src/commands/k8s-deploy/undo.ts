import type { Host } from "../../host/host.ts";
import type { Api } from "../../kubernetes/api.ts";
import { type Json, textAt } from "../../kubernetes/json.ts";
import { LostAnswer } from "../../kubernetes/lost-answer.ts";
import { findPods, isReady } from "../../kubernetes/pods.ts";
import { readObject, showTarget, type Target } from "../../kubernetes/resources.ts";
import type { Change, Undone } from "./change.ts";

export interface Applied {
  readonly change: Change;
  readonly after: Json;
}

/** Undoes the changes, the last first; one that cannot be undone keeps no other from it. */
export async function undoAll(
  host: Host,
  api: Api,
  applied: readonly Applied[],
): Promise<ReadonlyMap<Target, Undone>> {
  const results = new Map<Target, Undone>();
  for (const { change, after } of [...applied].reverse()) {
    const undone = await undoOne(api, change, after);
    results.set(change.target, undone);
    host.log.info(`${showTarget(change.target)} ${undone.words}.`);
  }
  return results;
}

async function undoOne(api: Api, change: Change, after: Json): Promise<Undone> {
  const stuck = await findStuckPods(api, change.target).catch(asReason);
  const undone = await change.undo(api, after).catch(explainNotUndone);
  if (undone.result !== "rolled-back") return undone;
  const reason =
    typeof stuck === "string" ? stuck : await removePods(api, change.target, stuck).catch(asReason);
  if (typeof reason !== "string") return undone;
  return { ...undone, words: `${undone.words}, but its stuck pods could not be removed (${reason})` };
}

function explainNotUndone(error: unknown): Undone {
  return error instanceof LostAnswer
    ? { result: "unknown", words: `may have been undone or not: the answer was lost (${asReason(error)})` }
    : { result: "broken", words: `could NOT be undone (${asReason(error)})` };
}

function asReason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A StatefulSet waits for a pod of the failed revision to get well before it replaces it, though it never does
 * (kubernetes.io, StatefulSets, "Forced rollback").
 */
async function findStuckPods(api: Api, target: Target): Promise<readonly Json[]> {
  if (target.kind !== "StatefulSet") return [];
  const workload = await readObject(api, target);
  if (workload === null) return [];
  const revision = textAt(workload, "status", "updateRevision");
  const pods = await findPods(api, target, workload);
  return pods.filter(
    (pod) => textAt(pod, "metadata", "labels", "controller-revision-hash") === revision && !isReady(pod),
  );
}

async function removePods(api: Api, { namespace }: Target, pods: readonly Json[]): Promise<void> {
  for (const pod of pods) {
    const preconditions = { uid: textAt(pod, "metadata", "uid") };
    await api.send({
      method: "DELETE",
      path: `/api/v1/namespaces/${namespace}/pods/${textAt(pod, "metadata", "name")}`,
      type: "application/json",
      body: JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", preconditions }),
      accept: [404, 409],
    });
  }
}
