import { expect, test } from "vitest";
import { adviceForRerun, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

async function play(lib: string, scenario = "") {
  const app = parent({ check: "child-workflows: one" });
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, scenario);
  return { hold: statuses(report)["gh/acme/app#1"]?.release?.jobs.hold, ...said(report, "circle-back") };
}

const link = "https://circleci.com/workflow-run/release";
const approved = `Approved \`hold\`: the parent goes on, ${link}`;

test("a callback that was filtered out has no say in what the others do", async () => {
  const one = callingWorkflow("one", ["test"], { callback: "on-failure: cancel" });
  const release = `circleback/approve-in-parent: { name: call-release, requires: [{ test: terminal }], ticket: << pipeline.parameters.circleback >>, context: circleback, filters: pipeline.git.branch == "release", on-failure: leave }`;
  const two = callingWorkflow("two", ["lint"], { callback: "on-failure: leave", workflow: "when: false" });
  const lib = child({ test: "failed", lint: "success" }, `${one.trimEnd().slice(0, -1)}, ${release}]`, two);
  const byDefault = lib.replace(", on-failure: cancel", "");
  expect([await play(lib), await play(byDefault)]).toEqual([
    {
      hold: "canceled",
      exit: 0,
      lines: [
        "Not every job of this workflow has ended well: test failed.",
        `Cancelled \`hold\`: the parent ends without running anything more, ${link}`,
        adviceForRerun,
      ],
    },
    {
      hold: "success",
      exit: 0,
      lines: ["Not every job of this workflow has ended well: test failed.", approved],
    },
  ]);
});
