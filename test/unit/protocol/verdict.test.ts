import { expect, test } from "vitest";
import { type JudgedWorkflow, judge } from "../../../src/protocol/verdict.ts";

/** `name=status` in the order of their making; a leading `*` marks a setup workflow. */
function workflows(...runs: readonly string[]): readonly JudgedWorkflow[] {
  return runs.map((run, index) => {
    const [name = "", status = ""] = run.replace("*", "").split("=");
    return {
      id: String(index),
      name,
      status: status === "null" ? null : status,
      tag: run.startsWith("*") ? "setup" : null,
      created_at: `2026-01-01T00:00:0${index}.000Z`,
    };
  });
}

test.each([
  ["success", "success"],
  ["failed", "failed"],
  ["error", "error"],
  ["canceled", "canceled"],
  ["unauthorized", "unauthorized"],
  ["not_run", "not_run"],
  ["running", null],
  ["failing", null],
  ["on_hold", null],
  ["queued", null],
  ["null", null],
  ["something-new", null],
])("takes a workflow that is %s for %s", (status, result) => {
  expect(judge(workflows(`test=${status}`)).result).toBe(result);
});

test.each([
  [["a=success", "b=success"], "success"],
  [["a=success", "b=failed"], "failed"],
  [["a=failed", "b=error"], "error"],
  [["a=canceled", "b=unauthorized"], "unauthorized"],
  [["a=not_run", "b=canceled"], "canceled"],
  [["a=success", "b=not_run"], "not_run"],
  [["a=failed", "b=running"], null],
  [["a=failed", "b=something-new"], null],
])("takes the worst of several workflows: %j is %s", (runs, result) => {
  expect(judge(workflows(...runs)).result).toBe(result);
});

test("has no verdict without a workflow", () => {
  expect(judge([])).toEqual({ result: null, workflows: [] });
});

test("does not count the setup workflow", () => {
  expect(judge(workflows("*setup=success")).result).toBe(null);
  expect(judge(workflows("*setup=success", "test=failed")).result).toBe("failed");
  expect(judge(workflows("*setup=failed", "test=success")).result).toBe("success");
});

test("counts the newest run of a workflow, wherever the service lists it", () => {
  const runs = workflows("test=failed", "lint=success", "test=success");
  expect(judge(runs).result).toBe("success");
  expect(judge([...runs].reverse())).toMatchObject({ result: "success" });
  expect(judge(workflows("test=success", "test=failed")).result).toBe("failed");
  expect(judge(workflows("test=failed", "test=running")).result).toBe(null);
});
