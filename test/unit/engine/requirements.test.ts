import { describe, expect, it } from "vitest";
import type { JobStatus } from "../../../src/circleci/status.ts";
import type { RequiredStatus } from "../../../src/simulator/compiler/compiled-config.ts";
import {
  judgeRequirements,
  listDownstream,
  type Readiness,
} from "../../../src/simulator/engine/requirements.ts";
import { job, terminal } from "../../support/engine-world.ts";

const table: readonly (readonly [JobStatus, readonly RequiredStatus[], Readiness])[] = [
  ["success", ["success"], "ready"],
  ["failed", ["success"], "never"],
  ["timedout", ["success"], "never"],
  ["canceled", ["success"], "never"],
  ["not_run", ["success"], "never"],
  ["unauthorized", ["success"], "never"],
  ["blocked", ["success"], "waiting"],
  ["queued", ["success"], "waiting"],
  ["running", ["success"], "waiting"],
  ["on_hold", ["success"], "waiting"],
  ["failed", ["failed"], "ready"],
  ["timedout", ["failed"], "ready"],
  ["infrastructure_fail", ["failed"], "ready"],
  ["terminated-unknown", ["failed"], "ready"],
  ["success", ["failed", "canceled"], "never"],
  ["canceled", ["failed", "canceled"], "ready"],
  ["not_run", ["not_run"], "ready"],
  ["unauthorized", ["unauthorized"], "ready"],
  ["not_run", terminal, "ready"],
  ["unauthorized", terminal, "ready"],
  ["running", terminal, "waiting"],
];

describe("judgeRequirements", () => {
  it.each(table)("takes a %s job that must be %j for %s", (status, statuses, expected) => {
    expect(judgeRequirements([{ job: "a", statuses }], () => status)).toBe(expected);
  });

  it("gives up as soon as one requirement cannot be met, and waits for all of them otherwise", () => {
    const { requires } = job("c", ["a", "b"]);
    const judge = (a: JobStatus, b: JobStatus) =>
      judgeRequirements(requires, (name) => (name === "a" ? a : b));
    expect([
      judge("failed", "running"),
      judge("success", "running"),
      judge("running", "success"),
      judge("success", "success"),
    ]).toEqual(["never", "waiting", "waiting", "ready"]);
  });

  it("lets a job without requirements start", () => {
    expect(judgeRequirements([], () => undefined)).toBe("ready");
  });
});

describe("listDownstream", () => {
  it("follows requirements to any distance, whatever the order of the jobs", () => {
    const jobs = [job("d", ["c"]), job("c", ["b", "x"]), job("b", ["a"]), job("a"), job("x")];
    expect([...listDownstream(jobs, ["b"])].toSorted()).toEqual(["b", "c", "d"]);
  });
});
