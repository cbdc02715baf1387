import { expect, test } from "vitest";
import { concealValues } from "../../../src/kubernetes/refusal.ts";
import { judgeRollout } from "../../../src/kubernetes/rollout-state.ts";

const seen = { metadata: { generation: 3 }, spec: { replicas: 2 } };

test.each<[string, string, object, string]>([
  [
    "Deployment",
    "a spec that nobody has seen",
    { ...seen, status: { observedGeneration: 2, updatedReplicas: 2, availableReplicas: 2 } },
    "waiting",
  ],
  [
    "Deployment",
    "old pods that are left",
    { ...seen, status: { observedGeneration: 3, replicas: 3, updatedReplicas: 2, availableReplicas: 2 } },
    "waiting",
  ],
  ["Deployment", "a paused one", { ...seen, spec: { paused: true } }, "failed"],
  [
    "Deployment",
    "none wanted",
    { ...seen, spec: { replicas: 0 }, status: { observedGeneration: 3 } },
    "done",
  ],
  [
    "StatefulSet",
    "a partition that is reached",
    {
      ...seen,
      spec: { replicas: 3, updateStrategy: { rollingUpdate: { partition: 2 } } },
      status: {
        observedGeneration: 3,
        updatedReplicas: 1,
        readyReplicas: 3,
        currentRevision: "a",
        updateRevision: "b",
      },
    },
    "done",
  ],
  [
    "StatefulSet",
    "two revisions",
    {
      ...seen,
      status: { observedGeneration: 3, readyReplicas: 2, currentRevision: "a", updateRevision: "b" },
    },
    "waiting",
  ],
  [
    "StatefulSet",
    "one that waits for people",
    { ...seen, spec: { updateStrategy: { type: "OnDelete" } } },
    "done",
  ],
  [
    "DaemonSet",
    "a node that lacks it",
    {
      ...seen,
      status: {
        observedGeneration: 3,
        desiredNumberScheduled: 3,
        updatedNumberScheduled: 3,
        numberAvailable: 2,
      },
    },
    "waiting",
  ],
])("takes a %s with %s as kubectl does", (kind, _, object, is) => {
  expect(judgeRollout(kind, object).is).toBe(is);
});

test.each([
  ['env[0].value: Invalid value: "hunter2": must be short', "env[0].value: Invalid value: must be short"],
  [
    'Invalid value: v1.LabelSelector{MatchLabels:map[string]string{"a":"hunter2"}}: field is immutable',
    "Invalid value: field is immutable",
  ],
  ["expected string, got &value.valueUnstructured{Value:hunter2}", "expected string"],
])("leaves out what the API server quotes: %s", (message, told) => {
  expect(concealValues(message)).toBe(told);
});
