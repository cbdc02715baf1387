import { expect, test } from "vitest";
import type { Job, Workflow } from "../../../src/circleci/schemas.ts";
import { discountCallbacks } from "../../../src/protocol/discount-callbacks.ts";

function job(name: string, status: string, dependencies: readonly string[] = []): Job {
  return {
    id: name,
    name,
    type: "build",
    status,
    job_number: 1,
    project_slug: "gh/acme/lib",
    approved_by: null,
    stopped_at: null,
    dependencies: [...dependencies],
    requires: {},
  };
}

function judge(status: string, jobs: readonly Job[], callbacks: readonly string[]) {
  const workflow: Workflow = {
    id: "w",
    name: "integration",
    project_slug: "gh/acme/lib",
    pipeline_id: "p",
    pipeline_number: 1,
    status,
    tag: null,
    created_at: "2026-01-01T00:00:00Z",
    stopped_at: null,
    auto_rerun_number: 0,
    max_auto_reruns: 0,
  };
  return discountCallbacks(
    [{ workflow, jobs }],
    jobs.filter(({ id }) => callbacks.includes(id)),
  );
}

const test1 = job("test", "success");

test.each([
  ["only its callback failed", "failed", [test1, job("call", "failed", ["test"])], ["call"], "success"],
  [
    "a job of its own failed, too",
    "failed",
    [job("test", "failed"), job("call", "failed")],
    ["call"],
    "failed",
  ],
  [
    "a job never ran because the callback before it failed",
    "failed",
    [job("test", "failed"), job("deploy", "not_run", ["test"])],
    ["test"],
    "failed",
  ],
  [
    "a job that waits for a failure elsewhere did not run",
    "failed",
    [test1, job("call", "failed"), job("repair", "not_run", ["test"])],
    ["call"],
    "success",
  ],
  ["it was cancelled", "canceled", [job("call", "canceled")], ["call"], "canceled"],
])("judges a child of which %s", (_, status, jobs, callbacks, ending) => {
  expect(judge(status, jobs, callbacks)).toBe(ending);
});
