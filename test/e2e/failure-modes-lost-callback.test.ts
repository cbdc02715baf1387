import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import {
  child,
  endOf,
  exitOf,
  jobsOf,
  parent,
  pipelinesOf,
  sweeper,
  woken,
} from "../support/failure-mode.ts";
import { openGateOn, runLoop } from "../support/loop.ts";
import { outputOf } from "../support/simulator.ts";

/** Children that end without calling back, each in one run of the packed orb; where nobody is left to wake the parent, a sweep does. */

const gate = "- gate: { type: approval }";
const afterGate = (job: string) => `${gate}\n      - ${job}: { requires: [gate] }`;
const onHold = "project: gh/acme/app, job: hold, status: on_hold";

/** The child goes on when the hold is there, so that every sweep that follows its end finds the hold. */
const goOn = openGateOn("on_hold");
const sweepOn = (status: string) =>
  `{ on: { project: gh/acme/lib, workflow: integration, status: ${status} }, do: trigger, project: gh/acme/ops }`;
const closed = `
contexts:
  circleback: { CIRCLE_TOKEN: token-of-the-release-bot }
  closed: { values: { CIRCLE_TOKEN: token-of-the-release-bot }, allow: [somebody] }
  rotated: { CIRCLE_TOKEN: token-of-last-year }
`;

function run(lib: string, events: readonly string[], more = ""): Promise<Report> {
  const projects = { "gh/acme/app": parent(), "gh/acme/lib": lib, "gh/acme/ops": sweeper };
  return runLoop(projects, `${more}\nevents: [${events.join(", ")}]`);
}

function sweeps(report: Report): readonly (string | null)[] {
  return jobsOf(report.pipelines, "sweep").map(exitOf);
}

const failed = { ...woken, callback: null, check: "1 child.failed", parent: "failed" };

describe.concurrent("the child ends without calling back", () => {
  test("9: cancelled by somebody", async () => {
    const report = await run(child(gate, { requires: "gate: terminal" }), [
      `{ on: { ${onHold} }, do: cancel-workflow, with: { project: gh/acme/lib, workflow: integration } }`,
      sweepOn("canceled"),
    ]);
    expect([endOf(report), sweeps(report), outputOf(report, "sweep")]).toEqual([
      { ...failed, children: ["integration canceled"] },
      ["0"],
      expect.stringContaining("gh/acme/lib #1 has ended (integration is canceled), and has not called back"),
    ]);
  });

  test("10: cancelled by CircleCI for a newer pipeline, while it is at work", async () => {
    const slow = "- pass: { pre-steps: [run: sleep 30] }";
    const report = await run(child(slow), [
      "{ on: { project: gh/acme/lib, job: pass, status: running }, do: cancel-workflow, with: { as: circleci } }",
      `{ on: { ${onHold} }, delay: 300ms, do: trigger, project: gh/acme/ops }`,
    ]);
    expect([endOf(report), sweeps(report)]).toEqual([
      { ...failed, children: ["integration canceled"] },
      ["0"],
    ]);
  });

  test("11: the job that calls back is not allowed its context", async () => {
    const lib = child(afterGate("pass"), { context: "closed" });
    const report = await run(lib, [goOn, sweepOn("unauthorized")], closed);
    expect([endOf(report), sweeps(report)]).toEqual([
      { ...woken, callback: null, children: ["integration unauthorized"] },
      ["0"],
    ]);
  });

  test("12: the job that calls back is filtered out", async () => {
    const lib = child(afterGate("pass"), { callback: 'filters: pipeline.git.branch == "release"' });
    const report = await run(lib, [goOn, sweepOn("success")]);
    expect([endOf(report), sweeps(report)]).toEqual([{ ...woken, callback: null }, ["0"]]);
  });

  test("13: the job that calls back requires the success of one that fails", async () => {
    const report = await run(child(afterGate("fail"), { requires: "fail" }), [goOn, sweepOn("failed")]);
    expect([endOf(report), sweeps(report)]).toEqual([{ ...failed, children: ["integration failed"] }, ["0"]]);
  });

  test("13: the job that calls back requires every end of one that fails", async () => {
    const report = await run(child("- fail", { requires: "fail: terminal" }), []);
    expect(endOf(report)).toEqual({ ...failed, callback: "0", children: ["integration failed"] });
  });

  test("14: the machine of the job that calls back is lost", async () => {
    const lost = `
executors:
  lost: { docker: [{ image: "cimg/base:stable" }], shell: /there/is/no/shell }
`;
    const lib = child(afterGate("pass"), { callback: "executor: lost", more: lost });
    const report = await run(lib, [goOn, sweepOn("failed")]);
    expect([endOf(report), jobsOf(report.pipelines, "circle-back")[0]?.status, sweeps(report)]).toEqual([
      { ...woken, callback: null, children: ["integration failed"] },
      "infrastructure_fail",
      ["0"],
    ]);
  });

  test("15: a job is skipped for a newer pipeline of its serial group", async () => {
    const queue = `
  slow:
    docker: [{ image: "cimg/base:stable" }]
    steps:
      - run: |
          until curl -fsS -H "Circle-Token: $CIRCLE_TOKEN" \\
            https://circleci.com/api/v2/project/gh/acme/lib/pipeline | jq -e '.items | length == 3'
          do sleep 0.3; done
          sleep 1
workflows:`;
    const lib = child("- slow: { serial-group: lib, context: circleback }", { requires: "slow: terminal" });
    const report = await run(
      lib.replace("\nworkflows:", queue),
      [],
      "trigger: [{ project: gh/acme/app }, { project: gh/acme/app }, { project: gh/acme/app }]",
    );
    // Which parent reaches the child's project second is not said: jobs of three pipelines start at once.
    const parents = pipelinesOf(report, "gh/acme/app");
    const red = parents.filter(({ workflows: [release] }) => release?.status === "failed");
    expect([
      parents.map(({ workflows: [release] }) => release?.status).sort(),
      jobsOf(report.pipelines, "slow").map(({ status }) => status),
      jobsOf(red, "check").map(({ steps }) => steps.map(({ output }) => output).join("")),
      endOf(report).approvals,
    ]).toEqual([
      ["failed", "success", "success"],
      ["success", "not_run", "success"],
      [expect.stringContaining("gh/acme/lib #2")],
      3,
    ]);
  });

  test("16: the token has expired meanwhile", async () => {
    const lib = child(afterGate("pass"), { context: "rotated" });
    const report = await run(lib, [goOn, sweepOn("failed")], closed);
    expect([endOf(report), sweeps(report), outputOf(report, "check")]).toEqual([
      { ...woken, callback: "3 circleci.unauthorized", children: ["integration failed"] },
      ["0"],
      expect.stringContaining("circle-back of gh/acme/lib #1 failed in calling back"),
    ]);
  });

  test("17: the child waits for somebody's approval itself, although a job has failed", async () => {
    const lib = child(`${gate}\n      - fail`, { requires: "gate: terminal, fail: terminal" });
    const report = await run(lib, [`{ on: { ${onHold} }, delay: 300ms, do: trigger, project: gh/acme/ops }`]);
    expect([endOf(report), sweeps(report), outputOf(report, "sweep")]).toEqual([
      {
        ...woken,
        callback: null,
        check: null,
        hold: "on_hold",
        parent: "on_hold",
        children: ["integration failing"],
        approvals: 0,
      },
      ["0"],
      expect.stringContaining("gh/acme/lib #1 is still under way (integration is failing)"),
    ]);
  });

  test("17: a workflow sleeps until somebody approves, and no failure is to open the hold", async () => {
    const manual = `
  manual:
    jobs:
      - gate: { type: approval }
      - pass: { requires: [gate] }
`;
    const lib = child("- pass", { callback: "on-failure: leave\n          timeout: 20h", more: manual });
    const approve = "do: approve, with: { project: gh/acme/lib, job: gate }";
    const report = await run(lib, [
      `{ on: { project: gh/acme/lib, workflow: integration, status: failed }, ${approve} }`,
      "{ on: { project: gh/acme/lib, workflow: manual, status: success }, do: trigger, project: gh/acme/ops }",
    ]);
    expect([endOf(report), sweeps(report), outputOf(report, "circle-back")]).toEqual([
      { ...woken, callback: "1 callback.early", children: ["integration failed, manual success"] },
      ["0"],
      expect.stringContaining("manual sleeps until somebody approves `gate`"),
    ]);
  });
});
