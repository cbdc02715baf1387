import { expect, test } from "vitest";
import type { Job } from "../../../src/circleci/schemas.ts";
import { findHold, type ParentWorkflow } from "../../../src/protocol/find-hold.ts";

function job(name: string, status: string, type = "approval"): Job {
  return {
    id: `${name}-${status}`,
    name,
    type,
    status,
    job_number: null,
    project_slug: "gh/acme/app",
    approved_by: null,
    dependencies: [],
  };
}

/** In the order of their making. */
function workflows(...all: readonly (readonly Job[])[]): readonly ParentWorkflow[] {
  return all.map((jobs, index) => ({
    workflow: { id: `w${index}`, created_at: `2026-01-01T00:00:0${index}Z` },
    jobs,
  }));
}

test("finds the hold by its name among other jobs and other holds", () => {
  const found = findHold(
    workflows([job("test", "running", "build"), job("ship", "on_hold"), job("hold", "on_hold")]),
    "hold",
  );
  expect(found).toEqual({ workflowId: "w0", jobId: "hold-on_hold", status: "on_hold" });
});

test.each([
  [["canceled", "on_hold"], "w1"],
  [["on_hold", "blocked"], "w0"],
  [["success", "blocked"], "w1"],
  [["success", "canceled"], "w0"],
  [["on_hold", "on_hold"], "w1"],
  [["canceled", "not_run"], "w1"],
])("prefers the hold that can be approved, then the newest: %j", (statuses, workflowId) => {
  expect(findHold(workflows(...statuses.map((status) => [job("hold", status)])), "hold").workflowId).toBe(
    workflowId,
  );
});

test("refuses a name that no job has, and a job that is no approval job", () => {
  expect(() => findHold(workflows([job("test", "success", "build")]), "hold")).toThrow(
    expect.objectContaining({
      code: "hold.invalid",
      message: "The parent's pipeline has no approval job `hold`.",
    }),
  );
  expect(() => findHold(workflows([job("hold", "success", "build")]), "hold")).toThrow(
    expect.objectContaining({
      code: "hold.invalid",
      message: "The parent's job `hold` is no approval job, so it cannot be approved.",
    }),
  );
});
