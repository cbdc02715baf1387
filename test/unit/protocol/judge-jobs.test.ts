import { expect, test } from "vitest";
import type { Job, Workflow } from "../../../src/circleci/schemas.ts";
import { judgeJobs } from "../../../src/protocol/judge-jobs.ts";

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

function judge(
  status: string,
  jobs: readonly Job[],
  callbacks: readonly string[],
  canceledBy: string | null = null,
) {
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
    canceled_by: canceledBy,
    auto_rerun_number: 0,
    max_auto_reruns: 0,
  };
  return judgeJobs(
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
  [
    "the callback had no right to run",
    "unauthorized",
    [test1, job("call", "unauthorized")],
    ["call"],
    "success",
  ],
  ["the callback alone was cancelled", "canceled", [test1, job("call", "canceled")], ["call"], "success"],
  [
    "a job had no right to run",
    "unauthorized",
    [job("test", "unauthorized"), job("call", "unauthorized")],
    ["call"],
    "unauthorized",
  ],
  [
    "a job ended in a way that nobody has heard of, and its callback failed",
    "failed",
    [job("test", "cursed"), job("call", "failed")],
    ["call"],
    "failed",
  ],
  [
    "a job that nothing can reach stayed blocked, and its callback failed",
    "failed",
    [test1, job("repair", "blocked", ["test"]), job("call", "failed")],
    ["call"],
    "success",
  ],
  ["a job was skipped", "success", [test1, job("deploy", "not_run")], [], "not_run"],
  [
    "a job was skipped and another failed",
    "failed",
    [job("test", "failed"), job("deploy", "not_run")],
    [],
    "failed",
  ],
  [
    "a job was skipped and the callback failed",
    "failed",
    [job("deploy", "not_run"), job("call", "failed")],
    ["call"],
    "not_run",
  ],
])("judges a child of which %s", (_, status, jobs, callbacks, ending) => {
  expect(judge(status, jobs, callbacks)).toBe(ending);
});

test("takes a workflow that somebody cancelled as a whole for cancelled, whatever of it was left", () => {
  expect(judge("canceled", [test1, job("call", "canceled")], ["call"], "user")).toBe("canceled");
});
