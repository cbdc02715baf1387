import * as v from "valibot";
import { UserError } from "../errors.ts";

const count = v.nullish(v.number(), 0);

/** The parts of a Deployment, StatefulSet or DaemonSet (apps/v1) that tell how far it has come. */
const Workload = v.object({
  metadata: v.object({ generation: count }),
  spec: v.object({
    replicas: v.nullish(v.number(), 1),
    paused: v.nullish(v.boolean(), false),
    updateStrategy: v.nullish(
      v.object({
        type: v.nullish(v.string(), "RollingUpdate"),
        rollingUpdate: v.nullish(v.object({ partition: count }), {}),
      }),
      {},
    ),
  }),
  status: v.nullish(
    v.object({
      observedGeneration: count,
      replicas: count,
      updatedReplicas: count,
      readyReplicas: count,
      availableReplicas: count,
      currentRevision: v.nullish(v.string(), ""),
      updateRevision: v.nullish(v.string(), ""),
      desiredNumberScheduled: count,
      updatedNumberScheduled: count,
      numberAvailable: count,
      conditions: v.nullish(
        v.array(
          v.object({
            type: v.string(),
            status: v.string(),
            reason: v.nullish(v.string(), ""),
            message: v.nullish(v.string(), ""),
          }),
        ),
        [],
      ),
    }),
    {},
  ),
});

type Workload = v.InferOutput<typeof Workload>;

export interface RolloutState {
  readonly is: "done" | "waiting" | "failed";
  /** Half a sentence that goes on after the workload's name. */
  readonly words: string;
}

export const rolledOutKinds = ["Deployment", "StatefulSet", "DaemonSet"];

/** How far a roll-out has come, by the rules of `kubectl rollout status`. */
export function judgeRollout(kind: string, object: unknown): RolloutState {
  const result = v.safeParse(Workload, object);
  if (!result.success) {
    const place = v.getDotPath(result.issues[0]) ?? "all of it";
    throw new UserError("cluster.failed", `The cluster described a ${kind} in an unknown form (${place}).`);
  }
  const workload = result.output;
  if (kind === "Deployment" && workload.spec.paused) return failed("is paused, so nothing rolls out");
  if (kind !== "Deployment" && workload.spec.updateStrategy.type === "OnDelete") {
    return done("replaces a pod only when somebody deletes it (OnDelete)");
  }
  if ((workload.status.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)) {
    return waiting("has not been looked at by its controller yet");
  }
  if (kind === "Deployment") return judgeDeployment(workload);
  return kind === "StatefulSet" ? judgeStatefulSet(workload) : judgeDaemonSet(workload);
}

function judgeDeployment({ spec, status }: Workload): RolloutState {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, conditions = [] } = status;
  const progress = conditions.find(({ type }) => type === "Progressing");
  const refused = conditions.find(({ type, status: holds }) => type === "ReplicaFailure" && holds === "True");
  if (progress?.reason === "ProgressDeadlineExceeded") {
    // Old pods are available as well.
    const counts = `${updatedReplicas} of ${spec.replicas} new pods are there, and ${availableReplicas} pods, old or new, are available`;
    return failed(`has made no progress within its deadline: ${refused?.message || counts}`);
  }
  if (updatedReplicas < spec.replicas) {
    const why = refused === undefined ? "" : ` (${refused.message})`;
    return waiting(`has ${updatedReplicas} of ${spec.replicas} new pods${why}`);
  }
  if (availableReplicas < updatedReplicas) {
    return waiting(`has ${availableReplicas} of ${updatedReplicas} new pods available`);
  }
  if (replicas > updatedReplicas) return waiting(`has ${replicas - updatedReplicas} old pods left`);
  return done(`is rolled out: ${spec.replicas} of ${spec.replicas} pods are available`);
}

function judgeStatefulSet({ spec, status }: Workload): RolloutState {
  const { updatedReplicas = 0, readyReplicas = 0, currentRevision, updateRevision } = status;
  const partition = spec.updateStrategy.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    const wanted = Math.max(0, spec.replicas - partition);
    if (updatedReplicas < wanted) return waiting(`has ${updatedReplicas} of ${wanted} new pods`);
    if (readyReplicas < spec.replicas) return waiting(`has ${readyReplicas} of ${spec.replicas} pods ready`);
    return done(`is rolled out as far as its partition ${partition} lets it`);
  }
  if (updateRevision !== currentRevision) {
    return waiting(`has ${updatedReplicas} of ${spec.replicas} new pods, ${readyReplicas} pods ready`);
  }
  if (readyReplicas < spec.replicas) return waiting(`has ${readyReplicas} of ${spec.replicas} pods ready`);
  return done(`is rolled out: ${spec.replicas} of ${spec.replicas} pods are ready`);
}

function judgeDaemonSet({ status }: Workload): RolloutState {
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = status;
  if ((updatedNumberScheduled ?? 0) < (wanted ?? 0))
    return waiting(`has ${updatedNumberScheduled} of ${wanted} new pods`);
  if ((numberAvailable ?? 0) < (wanted ?? 0))
    return waiting(`has ${numberAvailable} of ${wanted} pods available`);
  return done(`is rolled out: ${wanted} of ${wanted} pods are available`);
}

const done = (words: string): RolloutState => ({ is: "done", words });
const waiting = (words: string): RolloutState => ({ is: "waiting", words });
const failed = (words: string): RolloutState => ({ is: "failed", words });
