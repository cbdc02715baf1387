import { expect, test } from "vitest";
import { explainRefusal } from "../../../src/kubernetes/refusal.ts";

const access = {
  server: "https://cluster",
  title: "the cluster prod",
  namespace: null,
  trust: { authority: null, serverName: null, certificate: null, key: null },
  bearer: async () => null,
  unauthorizedHint: "",
};

test.each([
  ['Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas', /force-conflicts/],
  [
    'Apply failed with 2 conflicts: conflicts with "kubectl":\n- .spec.replicas\n- .spec.paused',
    /force-conflicts/,
  ],
  [
    'Operation cannot be fulfilled on deployments.apps "api": the object has been modified',
    /^Somebody else was there/,
  ],
  ['configmaps "settings" already exists', /^Somebody else was there/],
])("tells what to do of a conflict: %s", (message, hint) => {
  const answer = { status: 409, text: JSON.stringify({ kind: "Status", reason: "Conflict", message }) };
  const { code, hints } = explainRefusal(answer, access, "PATCH /x");
  expect([code, hints]).toEqual(["field.conflict", [expect.stringMatching(hint)]]);
});
