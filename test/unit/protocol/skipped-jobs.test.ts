import { expect, test } from "vitest";
import type { Job } from "../../../src/circleci/schemas.ts";
import { findSkipped } from "../../../src/protocol/skipped-jobs.ts";

/** `requires`: by a job's name the ends that it may have; null: the service does not tell. */
function job(
  name: string,
  status: string,
  dependencies: readonly string[] = [],
  requires: Readonly<Record<string, readonly string[]>> | null = null,
): Job {
  const told = Object.entries(requires ?? {}).map(([id, ends]): [string, string[]] => [id, [...ends]]);
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
    requires: Object.fromEntries(told),
  };
}

const deploy = (ends: readonly string[] | null) =>
  job("deploy", "not_run", ["test"], ends === null ? null : { test: ends });

test.each([
  ["requires nothing", [job("deploy", "not_run")], ["deploy"]],
  ["requires a success that was one", [job("test", "success"), deploy(["success"])], ["deploy"]],
  ["requires a success that was none", [job("test", "failed"), deploy(["success"])], []],
  ["requires a failure that did not come", [job("test", "success"), deploy(["failed"])], []],
  ["requires a failure that came", [job("test", "timedout"), deploy(["failed"])], ["deploy"]],
  ["requires a cancellation that came", [job("test", "canceled"), deploy(["canceled"])], ["deploy"]],
  ["requires a failure and got a cancellation", [job("test", "canceled"), deploy(["failed"])], []],
  ["requires any end", [job("test", "unauthorized"), deploy(["terminal"])], ["deploy"]],
  ["requires what was skipped itself", [job("test", "not_run"), deploy(["success"])], ["test"]],
  ["requires nobody knows what", [job("test", "success"), deploy(null)], []],
  ["requires a job that is not listed", [deploy(["success"])], []],
  ["has run", [job("test", "success"), job("deploy", "success", ["test"], { test: ["success"] })], []],
  [
    "requires two jobs of which one failed",
    [
      job("lint", "success"),
      job("test", "failed"),
      job("deploy", "not_run", ["lint", "test"], { lint: ["success"], test: ["success"] }),
    ],
    [],
  ],
])("of a job that %s", (_, jobs, names) => {
  expect(findSkipped(jobs).map(({ name }) => name)).toEqual(names);
});
