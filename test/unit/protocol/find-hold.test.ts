import { expect, test } from "vitest";
import type { Job } from "../../../src/circleci/schemas.ts";
import { findHolds, type ParentWorkflow, preferHold } from "../../../src/protocol/find-hold.ts";

function job(name: string, status: string, more: Partial<Job> = {}): Job {
  return {
    id: `${name}-${status}`,
    name,
    type: "approval",
    status,
    job_number: null,
    project_slug: "gh/acme/app",
    approved_by: null,
    stopped_at: null,
    dependencies: [],
    requires: {},
    ...more,
  };
}

/** In the order of their making. */
function workflows(...all: readonly (readonly Job[])[]): readonly ParentWorkflow[] {
  return all.map((jobs, index) => ({
    workflow: { id: `w${index}`, created_at: `2026-01-01T00:00:0${index}Z` },
    jobs,
  }));
}

test("finds the hold by its name among other jobs and other holds, with the jobs that it requires", () => {
  const trigger = job("trigger", "success", { type: "build" });
  const hold = job("hold", "on_hold", { dependencies: [trigger.id] });
  const found = findHolds(
    workflows([job("test", "running", { type: "build" }), trigger, job("ship", "on_hold"), hold]),
    "hold",
  );
  expect(found).toEqual([
    {
      name: "hold",
      workflowId: "w0",
      jobId: "hold-on_hold",
      status: "on_hold",
      project: "gh/acme/app",
      upstream: [trigger],
    },
  ]);
});

test("lists the holds of all runs, the newest first", () => {
  const all = workflows([job("hold", "canceled")], [job("hold", "success")], [job("hold", "on_hold")]);
  expect(findHolds(all, "hold").map(({ workflowId }) => workflowId)).toEqual(["w2", "w1", "w0"]);
  expect(findHolds([...all].reverse(), "hold").map(({ workflowId }) => workflowId)).toEqual([
    "w2",
    "w1",
    "w0",
  ]);
});

test.each([
  [["canceled", "on_hold"], "w1"],
  [["on_hold", "blocked"], "w0"],
  [["success", "blocked"], "w1"],
  [["success", "canceled"], "w0"],
  [["on_hold", "on_hold"], "w1"],
  [["canceled", "not_run"], "w1"],
])("prefers the hold that can be approved, then the newest: %j", (statuses, workflowId) => {
  const holds = findHolds(workflows(...statuses.map((status) => [job("hold", status)])), "hold");
  expect(preferHold(holds)?.workflowId).toBe(workflowId);
});

test("prefers nothing where there is nothing", () => {
  expect(preferHold([])).toBe(null);
});

test("refuses a name that no job has, and a job that is no approval job", () => {
  expect(() => findHolds(workflows([job("test", "success", { type: "build" })]), "hold")).toThrow(
    expect.objectContaining({
      code: "hold.invalid",
      message: "The parent's pipeline has no approval job `hold`.",
    }),
  );
  expect(() => findHolds(workflows([job("hold", "success", { type: "build" })]), "hold")).toThrow(
    expect.objectContaining({
      code: "hold.invalid",
      message: "The parent's job `hold` is no approval job, so it cannot be approved.",
    }),
  );
});
