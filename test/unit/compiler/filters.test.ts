import { describe, expect, it } from "vitest";
import { compiled, graphOf, problemsIn } from "./compile-text.ts";

const config = (filters: string) => `version: 2.1
parameters: { on: { type: boolean, default: true } }
jobs: { a: { machine: true, steps: [checkout] } }
workflows: { main: { jobs: [{ a: { filters: ${filters} } }] } }
`;

const main = { "git.branch": "main" };
const feature = { "git.branch": "feature/x" };
const tag = { "git.tag": "v1.2" };

describe("filters", () => {
  it.each<[string, boolean, boolean, boolean]>([
    ["", true, true, false],
    ["{}", true, true, false],
    ["{ branches: { only: main } }", true, false, false],
    ["{ branches: { only: [main, /feature\\/.*/] } }", true, true, false],
    ["{ branches: { only: /feat/ } }", false, false, false],
    ["{ branches: { only: ma.n } }", false, false, false],
    ["{ branches: { only: /ma.n/ } }", true, false, false],
    ["{ branches: { ignore: main } }", false, true, false],
    ["{ branches: { ignore: /.*/ }, tags: { only: /v.*/ } }", false, false, true],
    ["{ branches: { only: main, ignore: main } }", true, false, false],
    ["{ tags: { only: /v.*/ } }", true, true, true],
    ["{ tags: { only: v1 } }", true, true, false],
    ["{ tags: { ignore: /w.*/ } }", true, true, true],
    ["{ tags: {} }", true, true, false],
    ["{ branches: { only: << pipeline.git.branch >> } }", true, true, false],
    ['pipeline.git.branch == "main"', true, false, false],
    ['pipeline.git.branch starts-with "feature/" or pipeline.git.tag matches /^v.*/', false, true, true],
    ["pipeline.parameters.on and pipeline.git.branch", true, true, false],
    ["not pipeline.parameters.on", false, false, false],
    ["<< pipeline.git.tag >>", false, false, true],
  ])("%s: main %j, a feature branch %j, a tag %j", (filters, onMain, onFeature, onTag) => {
    const runs = (values: Readonly<Record<string, string>>) =>
      compiled(config(filters), { values }).workflows.length === 1;
    expect([runs(main), runs(feature), runs(tag)]).toEqual([onMain, onFeature, onTag]);
  });

  it.each([
    [
      "{ branch: { only: main } }",
      "filters: extraneous key [branch] is not permitted\nPermitted keys:\n  - branches\n  - tags",
    ],
    ["{ branches: main }", "filters.branches: expected type: Mapping, found: String"],
    [
      "{ branches: { only: /(?!main).*/ } }",
      "filters.branches.only: Invalid regular expression: (?!main).*: Invalid pattern.",
    ],
    ["{ tags: { only: /(/ } }", "filters.tags.only: Invalid regular expression: (: Invalid pattern."],
    ["pipeline.git.branch ==", "filters: Expected expression"],
    [
      "pipeline.parameters.off",
      "filters: Arguments referenced without declared parameters: pipeline.parameters.off",
    ],
  ])("%s is refused", (filters, problem) => {
    expect(problemsIn(config(filters))).toEqual([`workflows.main.jobs.0.a.${problem}`]);
  });

  it("drop dependencies on jobs that do not run, and jobs whose dependencies are all gone", () => {
    const source = `version: 2.1
jobs: { a: { machine: true, steps: [checkout] } }
workflows:
  main:
    jobs:
      - a: { name: here }
      - a: { name: gone, filters: pipeline.git.branch == "dev" }
      - a: { name: both, requires: [here, gone] }
      - a: { name: only-gone, requires: [gone] }
      - hold: { type: approval, requires: [only-gone] }
      - a: { name: last, requires: [hold, both] }
`;
    expect(graphOf(source)).toEqual({ here: [], both: ["here"], last: ["both"] });
  });

  it("still need the names that they drop to exist", () => {
    const source = `version: 2.1
jobs: { a: { machine: true, steps: [checkout] } }
workflows: { main: { jobs: [{ a: { filters: false and true, requires: [nope] } }] } }
`;
    expect(problemsIn(source)).toEqual([
      "workflows.main.jobs.0.a.requires.0: Job 'a' requires 'nope', which is the name of 0 other jobs in workflow 'main'",
    ]);
  });
});
