import { describe, expect, test } from "vitest";
import { canRepeatItself, type JudgedWorkflow, judge } from "../../../src/protocol/verdict.ts";

const start = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

/**
 * One workflow a second, in the order of their making, each stopped half a second later: `name=status`, with a
 * leading `*` for a setup workflow and a trailing ` 1/2` for automatic rerun 1 of at most 2.
 */
function workflows(...runs: readonly string[]): readonly JudgedWorkflow[] {
  return runs.map((run, index) => {
    const [, setup, name = "", status = "", number = "0", most = "0"] =
      /^(\*?)(.*)=([\w-]+)(?: (\d)\/(\d))?$/.exec(run) ?? [];
    return {
      id: `${index}`,
      name,
      status: status === "null" ? null : status,
      tag: setup === "*" ? "setup" : null,
      created_at: at(index),
      stopped_at: at(index + 0.5),
      auto_rerun_number: Number(number),
      max_auto_reruns: Number(most),
    };
  });
}

/** Of workflows that ended long ago. */
function judgeOld(runs: readonly JudgedWorkflow[], patterns: readonly string[] = []) {
  return judge(runs, { patterns, now: start + 3_600_000 });
}

/** The result, with the patterns `a,b`, so many seconds after the first workflow was made. */
function resultOf(runs: readonly string[], patterns = "", seconds = 3600) {
  return judge(workflows(...runs), {
    patterns: patterns.split(",").filter(Boolean),
    now: start + seconds * 1000,
  }).result;
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
  expect(resultOf([`test=${status}`])).toBe(result);
});

const worstFirst = ["error", "failed", "unauthorized", "canceled", "not_run", "success"];
const pairs = worstFirst.flatMap((worse, place) =>
  worstFirst.slice(place).map((better) => [worse, better] as const),
);

test.each(pairs)("takes %s for the result beside %s, whichever comes first", (worse, better) => {
  const results = [
    [`a=${worse}`, `b=${better}`],
    [`a=${better}`, `b=${worse}`],
  ].map((runs) => resultOf(runs));
  expect(results).toEqual([worse, worse]);
});

test.each(["running", "failing", "on_hold", "queued", "null", "something-new"])(
  "has no verdict while one of several workflows is %s, however bad the others are",
  (status) => {
    expect(resultOf(["a=error", `b=${status}`, "c=success"])).toBe(null);
  },
);

test("has no verdict without a workflow", () => {
  expect(judgeOld([])).toEqual({ result: null, workflows: [], unmatched: [] });
  expect(judgeOld([], ["deploy"])).toEqual({ result: null, workflows: [], unmatched: [] });
});

test.each([
  [["*setup=success"], null],
  [["*setup=failed"], null],
  [["*setup=success", "test=failed"], "failed"],
  [["*setup=failed", "test=success"], "success"],
  [["*setup=running", "test=success"], "success"],
  [["*test=failed", "test=success"], "success"],
])("does not count setup workflows: %j is %s", (runs, result) => {
  expect(resultOf(runs)).toBe(result);
});

describe("reruns", () => {
  test.each([
    [["test=failed", "test=success"], "success"],
    [["test=success", "test=failed"], "failed"],
    [["test=failed", "test=running"], null],
    [["test=failed", "test=failed", "test=canceled", "test=success"], "success"],
    [["test=failed", "lint=success", "test=success", "lint=failed"], "failed"],
    [["test=canceled", "test=not_run"], "not_run"],
  ])("replace the older runs of their workflow: %j is %s", (runs, result) => {
    expect(resultOf(runs)).toBe(result);
  });

  test("are known by their time, wherever the service lists them", () => {
    const runs = workflows("test=failed", "lint=success", "test=success");
    const [, lint, newest] = runs;
    expect(judgeOld([...runs].reverse())).toEqual({
      result: "success",
      workflows: [newest, lint],
      unmatched: [],
    });
  });
});

/** The last of these workflows stopped half a second after it was made. */
describe("automatic reruns", () => {
  test.each([
    ["a first failure", ["test=failed 0/2"], 60, null],
    ["a first failure, by a clock that is two minutes ahead", ["test=failed 0/2"], 179, null],
    ["a first failure, three minutes later", ["test=failed 0/2"], 181, "failed"],
    ["the failure of a rerun that is not the last", ["test=failed 0/2", "test=failed 1/2"], 61, null],
    ["that failure, three minutes later", ["test=failed 0/2", "test=failed 1/2"], 182, "failed"],
    ["the failure of the last one", ["test=failed 0/2", "test=failed 1/2", "test=failed 2/2"], 3, "failed"],
    ["one that runs", ["test=failed 0/1", "test=running 1/1"], 3600, null],
    ["one that succeeded", ["test=failed 0/1", "test=success 1/1"], 3, "success"],
    ["the failure of a workflow without any", ["test=failed 0/0"], 1, "failed"],
    ["the failure of another one beside a success", ["test=failed 0/1", "lint=success 0/1"], 2, null],
    ["a workflow that was cancelled", ["test=canceled 0/1"], 1, "canceled"],
    ["one that was not authorized", ["test=unauthorized 0/1"], 1, "unauthorized"],
    ["one in error", ["test=error 0/1"], 1, "error"],
    [
      "the failure of a rerun by hand",
      ["test=failed 0/1", "test=failed 1/1", "test=failed 0/1"],
      4,
      "failed",
    ],
    ["the failure of a workflow named as its setup workflow", ["*test=success", "test=failed 0/1"], 60, null],
    ["a rerun by hand after a success", ["test=success 0/1", "test=failed 0/1"], 3, "failed"],
  ])("are waited for as long as they may come: %s", (_, runs, seconds, result) => {
    expect(resultOf(runs, "", seconds)).toBe(result);
  });

  test("are waited for where the end of the failed run is not known, but never for ever", () => {
    const [failed] = workflows("test=failed 0/1");
    const runs = failed === undefined ? [] : [{ ...failed, stopped_at: null }];
    expect(judge(runs, { patterns: [], now: start + 1000 }).result).toBe("failed");
  });

  test.each([
    [["test=failed 0/1"], true],
    [["test=failed 0/0"], false],
    [["test=failed 0/2", "test=failed 1/2"], true],
    [["test=failed 0/1", "test=failed 1/1"], false],
    [["test=failed 0/1", "test=failed 0/1"], false],
    [["lint=failed 0/1", "test=failed 0/1"], true],
  ])("may follow upon the last of %j: %s", (runs, isComing) => {
    const all = workflows(...runs);
    const last = all.at(-1);
    expect(last !== undefined && canRepeatItself(last, all)).toBe(isComing);
  });
});

describe("patterns", () => {
  test.each([
    [["test=success", "nightly=failed"], "test", "success"],
    [["test=success", "nightly=running"], "test", "success"],
    [["test=running", "nightly=failed"], "test", null],
    [["test=success", "deploy-a=failed", "deploy-b=success"], "deploy-*", "failed"],
    [["test=failed", "deploy-a=success", "deploy-b=success"], "deploy-*", "success"],
    [["test=success", "deploy-a=success", "nightly=failed"], "test,deploy-*", "success"],
    [["test=failed", "test=success", "nightly=failed"], "test", "success"],
    [["test=failed", "nightly=success"], "*", "failed"],
    [["Test=failed", "test=success"], "test", "success"],
    [["te.st=success", "teXst=failed"], "te.st", "success"],
    [["a+b=success", "aab=failed"], "a+b", "success"],
  ])("choose the workflows that count: of %j, %s: %s", (runs, patterns, result) => {
    expect(resultOf(runs, patterns)).toBe(result);
  });

  test("are told where they fit nothing, once everything has ended", () => {
    const runs = workflows("*deploy=success", "test=success", "lint=running");
    const [, test_, lint] = runs;
    expect(judgeOld(runs, ["test", "deploy"])).toEqual({
      result: "success",
      workflows: [test_],
      unmatched: ["deploy"],
    });
    expect(judgeOld(runs, ["deploy"])).toEqual({ result: null, workflows: [], unmatched: [] });
    const ended = runs.map((run) => (run === lint ? { ...run, status: "failed" } : run));
    expect(judgeOld(ended, ["deploy", "rel*"])).toEqual({
      result: "not_run",
      workflows: [],
      unmatched: ["deploy", "rel*"],
    });
  });

  test("wait for workflows that are still to come as long as others go on", () => {
    expect(resultOf(["test=running"], "deploy")).toBe(null);
    expect(resultOf(["test=success", "deploy=failed"], "deploy")).toBe("failed");
  });
});
