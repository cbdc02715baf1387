import { describe, expect, test } from "vitest";
import { parseBranches } from "../../../src/commands/trigger-and-wait/branches.ts";
import { callsOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

test.each([
  ["", []],
  ["main", ["main"]],
  [" a , b,c ", ["a", "b", "c"]],
  ["${CIRCLE_BRANCH}, develop, main", ["feature/x", "develop", "main"]],
  ["${EMPTY}, main", ["main"]],
  ["release/${VERSION}", ["release/1.2"]],
])("reads %j", (text, names) => {
  const env = { CIRCLE_BRANCH: "feature/x", EMPTY: "", VERSION: "1.2" };
  expect(parseBranches(text, env)).toEqual({ names, skipped: [] });
});

test.each(["a b", "a..*", "x~1", "a^", "a:b", "what?", "[a]", "a\\b"])("refuses %j", (text) => {
  expect(() => parseBranches(text, {})).toThrow(`has a name that no branch can have: "${text}"`);
});

test("never reads again what a variable holds, but for its commas", () => {
  expect(parseBranches("${A}", { A: "${B}" })).toEqual({ names: ["${B}"], skipped: [] });
  expect(() => parseBranches("${GONE}", {})).toThrow(
    "uses ${GONE}, but there is no environment variable GONE",
  );
});

const lib = child({ test: "success" }, callingWorkflow("integration", ["test"]));

async function play(
  branch: string,
  { branches = "[main]", faults = "[]", trigger: triggers = "[{ project: gh/acme/app }]" } = {},
) {
  const filters = "filters: { tags: { only: /.*/ } }";
  const app = parent({
    trigger: `branch: "${branch}"\n          ${filters}`,
    hold: `requires: [trigger], ${filters}`,
  });
  const report = await playLoop(
    { "gh/acme/app": app, "gh/acme/lib": lib },
    `
projects:
  gh/acme/app: { environment: { WANTED: feature/x } }
  gh/acme/lib: { branches: ${branches} }
faults: ${faults}
trigger: ${triggers}
`,
  );
  const trigger = report.pipelines[0]?.workflows[0]?.jobs.find(({ name }) => name === "trigger");
  const [artifact] = trigger?.artifacts ?? [];
  const receipt = artifact === undefined ? null : JSON.parse(report.artifacts.get(artifact.file) ?? "null");
  return {
    lines: said(report, "trigger").lines,
    exit: said(report, "trigger").exit,
    chosen: report.pipelines[1]?.branch ?? null,
    kept: receipt?.branch ?? null,
    posts: callsOf(report, "trigger").filter((call) => call.startsWith("POST")).length,
    outcome: report.outcome,
  };
}

describe("of a list of branches, the child runs on", () => {
  test("the first where that exists", async () => {
    expect(await play("${WANTED}, main", { branches: "[main, feature/x]" })).toMatchObject({
      exit: 0,
      chosen: "feature/x",
      kept: "feature/x",
      posts: 1,
      outcome: "success",
    });
  });

  test("the next where it does not, which is said and kept", async () => {
    expect(await play("${WANTED}, develop, main")).toEqual({
      exit: 0,
      chosen: "main",
      kept: "main",
      posts: 3,
      outcome: "success",
      lines: [
        "Triggering gh/acme/lib on branch feature/x …",
        "gh/acme/lib has no branch feature/x (Branch not found).",
        "Triggering gh/acme/lib on branch develop …",
        "gh/acme/lib has no branch develop (Branch not found).",
        "Triggering gh/acme/lib on branch main …",
        "Triggered gh/acme/lib #1: https://app.circleci.com/pipelines/github/acme/lib/1",
        "gh/acme/lib #1 has started: https://app.circleci.com/pipelines/github/acme/lib/1",
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
      ],
    });
  });

  test("none where none exists", async () => {
    expect(await play("feature/x, develop")).toMatchObject({
      exit: 4,
      chosen: null,
      kept: null,
      posts: 2,
      outcome: "failed",
    });
  });

  test.each([
    ["{ status: 404, body: { message: Branch not found } }", 5],
    ["{ status: 403 }", 3],
    ["{ status: 400, body: { message: 'Unexpected argument(s): circleback' } }", 4],
    ["{ status: 200, body: { message: 'Ignoring pipeline due to CI skip' } }", 4],
  ])("none where the first is answered %s", async (then, exit) => {
    const faults = `[{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: ${then} }]`;
    expect(await play("feature/x, main", { faults })).toMatchObject({
      exit,
      chosen: null,
      kept: null,
      posts: 1,
    });
  });

  test("none but the first where its answer is lost, even if that was not found", async () => {
    const faults = "[{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { status: 500 } }]";
    expect(await play("feature/x, main", { faults })).toMatchObject({ exit: 4, chosen: null, posts: 1 });
  });
});

test("passes over the branch of a pipeline that has none, as that of a tag, and says so", async () => {
  const { lines, chosen } = await play("${CIRCLE_BRANCH}, main", {
    trigger: "[{ project: gh/acme/app, tag: v1 }]",
  });
  expect([lines.slice(0, 2), chosen]).toEqual([
    [
      "Passing over ${CIRCLE_BRANCH} of `branch`: no such variable is set here.",
      "Triggering gh/acme/lib on branch main …",
    ],
    "main",
  ]);
});
