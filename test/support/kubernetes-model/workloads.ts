import { isTree, type Tree, type Value } from "./applied-fields.ts";

/** A controller and a kubelet in one: what becomes of a workload's pods depends on the name of the image alone. */
export interface Rollout {
  /** The image that all pods had when they were last well; empty where there was none. */
  readonly well: string;
  /** How often somebody has looked since the last change. */
  readonly looks: number;
}

/** Looks until a good image is rolled out, and until a Deployment's progress deadline has passed. */
const looksNeeded = { good: 2, deadline: 4 };

export function imageOf(object: Tree): string {
  const template = (isTree(object.spec) ? object.spec.template : null) as Tree | null;
  const spec = template?.spec as Tree | undefined;
  const [first] = (spec?.containers ?? []) as Tree[];
  return String(first?.image ?? "");
}

function isBad(image: string): boolean {
  return /broken|missing|slow/.test(image);
}

export function isRolledOut(object: Tree, { looks, well }: Rollout): boolean {
  const image = imageOf(object);
  return !isBad(image) && (image === well || looks >= looksNeeded.good);
}

export function statusOf(kind: string, object: Tree, generation: number, rollout: Rollout): Tree {
  const spec = object.spec as Tree;
  const wanted = Number(spec.replicas ?? 1);
  const isDone = isRolledOut(object, rollout);
  const isSeen = rollout.looks > 0;
  const observedGeneration = isSeen ? generation : generation - 1;
  const fresh = isDone ? wanted : Math.min(1, wanted);
  if (kind === "DaemonSet") {
    return {
      observedGeneration,
      desiredNumberScheduled: 2,
      updatedNumberScheduled: isDone ? 2 : 1,
      numberAvailable: isDone ? 2 : 1,
    };
  }
  if (kind === "StatefulSet") {
    const revision = `rev-${imageOf(object).replaceAll(/\W/g, "")}`;
    const before = `rev-${rollout.well.replaceAll(/\W/g, "")}`;
    return {
      observedGeneration,
      replicas: wanted,
      updatedReplicas: fresh,
      readyReplicas: isDone ? wanted : wanted - 1,
      currentRevision: isDone ? revision : before,
      updateRevision: revision,
    };
  }
  const hasOld = rollout.well !== "";
  const isLate =
    isBad(imageOf(object)) && !imageOf(object).includes("slow") && rollout.looks >= looksNeeded.deadline;
  return {
    observedGeneration,
    // Old pods stay until new ones are available: one more at a time, and none less, as two with 25 % have it.
    replicas: wanted + (isDone || !hasOld ? 0 : 1),
    updatedReplicas: isDone || !hasOld ? wanted : 1,
    availableReplicas: isDone || hasOld ? wanted : 0,
    conditions: [
      isLate
        ? {
            type: "Progressing",
            status: "False",
            reason: "ProgressDeadlineExceeded",
            message: "has timed out progressing",
          }
        : {
            type: "Progressing",
            status: "True",
            reason: isDone ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
            message: "",
          },
    ],
  };
}

/** A pod of the present template, and why it does not run. */
export function podOf(kind: string, object: Tree, rollout: Rollout): Tree {
  const image = imageOf(object);
  const { name, uid } = object.metadata as { name: string; uid: string };
  const isWell = isRolledOut(object, rollout);
  const waiting = image.includes("missing")
    ? { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` }
    : { reason: "CrashLoopBackOff", message: "back-off 20s restarting failed container" };
  const status: Tree = {
    name: "api",
    image,
    ready: isWell,
    state: isWell ? { running: {} } : { waiting },
    ...(image.includes("broken") && { lastState: { terminated: { exitCode: 3, reason: "Error" } } }),
  };
  const revision = `rev-${image.replaceAll(/\W/g, "")}`;
  return {
    metadata: {
      name: kind === "StatefulSet" ? `${name}-0` : `${name}-6d4f-x2x`,
      uid: `pod-of-${uid}`,
      creationTimestamp: "2026-01-01T00:00:00Z",
      labels: { app: name, "controller-revision-hash": revision },
    },
    status: {
      phase: isWell ? "Running" : "Pending",
      conditions: [{ type: "Ready", status: isWell ? "True" : "False" }],
      containerStatuses: [status],
    },
  };
}

export function eventsOf(uid: string, object: Tree): Value[] {
  if (!uid.startsWith("pod-of-") || !isBad(imageOf(object))) return [];
  const message = imageOf(object).includes("missing")
    ? `Failed to pull image "${imageOf(object)}": not found`
    : "Back-off restarting failed container api";
  return [{ type: "Warning", reason: "Failed", message, lastTimestamp: "2026-01-01T00:00:00Z" }];
}
