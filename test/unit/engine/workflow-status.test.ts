import { describe, expect, it } from "vitest";
import type { JobStatus, WorkflowStatus } from "../../../src/circleci/status.ts";
import { deriveWorkflowStatus } from "../../../src/simulator/engine/workflow-status.ts";

const table: readonly (readonly [JobStatus[], WorkflowStatus])[] = [
  [[], "not_run"],
  [["blocked"], "running"],
  [["queued", "blocked"], "running"],
  [["not_running"], "running"],
  [["running", "on_hold"], "running"],
  [["success", "running"], "running"],
  [["on_hold"], "on_hold"],
  [["success", "on_hold", "blocked"], "on_hold"],
  [["canceled", "on_hold"], "on_hold"],
  [["failed", "running"], "failing"],
  [["failed", "on_hold"], "failing"],
  [["timedout", "queued"], "failing"],
  [["infrastructure_fail", "on_hold"], "failing"],
  [["failed", "blocked", "on_hold"], "failing"],
  [["canceled", "running"], "running"],
  [["unauthorized", "running"], "running"],
  [["success"], "success"],
  [["success", "not_run"], "success"],
  [["not_run"], "not_run"],
  [["failed", "success", "not_run"], "failed"],
  [["timedout"], "failed"],
  [["infrastructure_fail"], "failed"],
  [["terminated-unknown"], "failed"],
  [["failed", "canceled"], "failed"],
  [["failed", "unauthorized"], "failed"],
  [["unauthorized", "success"], "unauthorized"],
  [["unauthorized", "canceled"], "unauthorized"],
  [["canceled", "success", "not_run"], "canceled"],
];

function inNoGroup(statuses: readonly JobStatus[]) {
  return statuses.map((status) => ({ status, serialGroup: null }));
}

describe("deriveWorkflowStatus", () => {
  it.each(table)("makes %j a workflow that is %s", (statuses, expected) => {
    expect(deriveWorkflowStatus(inNoGroup(statuses), false)).toBe(expected);
    expect(deriveWorkflowStatus(inNoGroup(statuses.toReversed()), false)).toBe(expected);
  });

  it("is queued while every open job waits for its serial group", () => {
    const waiting = { status: "queued", serialGroup: "deploy" } as const;
    const others = (status: JobStatus) => [waiting, { status, serialGroup: null }];
    expect({
      success: deriveWorkflowStatus(others("success"), false),
      blocked: deriveWorkflowStatus(others("blocked"), false),
      on_hold: deriveWorkflowStatus(others("on_hold"), false),
      running: deriveWorkflowStatus(others("running"), false),
      failed: deriveWorkflowStatus(others("failed"), false),
    }).toEqual({
      success: "queued",
      blocked: "queued",
      on_hold: "queued",
      running: "running",
      failed: "failing",
    });
  });

  it("is canceled in the end when the workflow as a whole was, even after a failure", () => {
    expect(deriveWorkflowStatus(inNoGroup(["failed", "canceled"]), true)).toBe("canceled");
    expect(deriveWorkflowStatus(inNoGroup(["failed", "running", "canceled"]), true)).toBe("failing");
  });
});
