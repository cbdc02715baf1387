import { describe, expect, it } from "vitest";
import type { WorkflowStatus } from "../../../src/circleci/status.ts";
import { decideOutcome, exitCodeOf } from "../../../src/simulator/report/outcome.ts";
import { samplePipeline } from "../../support/sample-state.ts";

const project = "gh/acme/app";

function outcomeOf(...statuses: readonly WorkflowStatus[]) {
  const workflows = statuses.map((status, index) => ({ name: `workflow-${index}`, status }));
  return decideOutcome(samplePipeline({ project, workflows }), false);
}

describe("decideOutcome", () => {
  it("takes the worst of all workflows", () => {
    const worstFirst = [
      "error",
      "failed",
      "unauthorized",
      "canceled",
      "on_hold",
      "not_run",
      "success",
    ] as const;
    const decided = worstFirst.map((_, index) => outcomeOf(...worstFirst.slice(index).reverse()));
    expect(decided).toEqual(worstFirst);
  });

  it("puts a timeout before everything", () => {
    const pipeline = samplePipeline({ project, workflows: [{ name: "main", status: "error" }] });
    expect(decideOutcome(pipeline, true)).toBe("timed_out");
  });

  it("counts the newest run of a workflow only", () => {
    const workflows = [
      { name: "main", status: "failed", at: 0 },
      { name: "main", status: "success", at: 10 },
    ] as const;
    expect(decideOutcome(samplePipeline({ project, workflows }), false)).toBe("success");
    expect(decideOutcome(samplePipeline({ project, workflows: [...workflows].reverse() }), false)).toBe(
      "success",
    );
  });

  it("takes the later of two runs that began in the same millisecond", () => {
    const workflows = [
      { name: "main", status: "failed" },
      { name: "main", status: "success" },
    ] as const;
    expect(decideOutcome(samplePipeline({ project, workflows }), false)).toBe("success");
  });

  it("leaves setup workflows out", () => {
    const setup = { name: "setup", tag: "setup", status: "failed" } as const;
    const main = { name: "main", status: "success" } as const;
    expect(decideOutcome(samplePipeline({ project, workflows: [setup, main] }), false)).toBe("success");
    expect(decideOutcome(samplePipeline({ project, workflows: [setup] }), false)).toBe("not_run");
  });

  it("calls an errored pipeline an error, whatever its workflows say", () => {
    const workflows = [{ name: "main", status: "success" }] as const;
    expect(decideOutcome(samplePipeline({ project, state: "errored", workflows }), false)).toBe("error");
  });

  it("says not_run where there is no workflow, or no pipeline", () => {
    expect(outcomeOf()).toBe("not_run");
    expect(decideOutcome(null, false)).toBe("not_run");
  });

  it("never calls a workflow that was cut short a success", () => {
    expect([outcomeOf("running"), outcomeOf("queued"), outcomeOf("failing")]).toEqual([
      "timed_out",
      "timed_out",
      "failed",
    ]);
  });
});

describe("exitCodeOf", () => {
  it("is 0 for success, 8 for a timeout and 1 for the rest", () => {
    const outcomes = [
      "success",
      "timed_out",
      "failed",
      "error",
      "unauthorized",
      "canceled",
      "on_hold",
      "not_run",
    ] as const;
    expect(outcomes.map(exitCodeOf)).toEqual([0, 8, 1, 1, 1, 1, 1, 1]);
  });
});
