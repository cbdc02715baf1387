import { expect, test } from "vitest";
import type { Job } from "../../../src/circleci/schemas.ts";
import { checkHold } from "../../../src/commands/trigger-and-wait/check-hold.ts";

const self = { job: "trigger", jobId: "t" };

function job(options: Partial<Job>): Job {
  return {
    id: options.name ?? "",
    name: "",
    type: "build",
    status: "blocked",
    job_number: null,
    project_slug: "gh/acme/app",
    approved_by: null,
    stopped_at: null,
    dependencies: [],
    requires: {},
    ...options,
  };
}

const trigger = job({ name: "trigger", id: "t", status: "running" });
const hold = job({ name: "hold", type: "approval", dependencies: ["t"] });

test("takes an approval job that waits for this job alone", () => {
  expect(() => checkHold([trigger, hold], "hold", self)).not.toThrow();
  expect(() => checkHold([trigger, { ...hold, requires: { t: ["success"] } }], "hold", self)).not.toThrow();
});

test.each([
  ["a typo", [trigger, hold], "hodl", "This workflow has no job `hodl` to sleep on."],
  [
    "a job that is no approval job",
    [trigger, { ...hold, type: "build" }],
    "hold",
    "`hold` is no approval job, so this workflow cannot sleep on it.",
  ],
  [
    "a second dependency",
    [trigger, job({ name: "test" }), { ...hold, dependencies: ["t", "test"] }],
    "hold",
    "The approval job `hold` must require `trigger` and nothing else; it requires `trigger`, `test`.",
  ],
  [
    "a hold before this job",
    [trigger, { ...hold, dependencies: [], status: "on_hold" }],
    "hold",
    "The approval job `hold` must require `trigger` and nothing else; it requires nothing.",
  ],
  [
    "a hold that opens only where this job fails",
    [trigger, { ...hold, requires: { t: ["failed"] } }],
    "hold",
    "The approval job `hold` must require that `trigger` succeeds; it requires that it ends as failed.",
  ],
  [
    "a hold that opens however this job ends",
    [trigger, { ...hold, requires: { t: ["success", "failed"] } }],
    "hold",
    "The approval job `hold` must require that `trigger` succeeds; it requires that it ends as success or failed.",
  ],
  [
    "a hold that is decided",
    [trigger, { ...hold, status: "success" }],
    "hold",
    "The approval job `hold` is already decided: success.",
  ],
])("refuses %s before anything is triggered", (_, jobs, name, message) => {
  expect(() => checkHold(jobs, name, self)).toThrow(
    expect.objectContaining({ code: "hold.invalid", exitCode: 2, message }),
  );
});
