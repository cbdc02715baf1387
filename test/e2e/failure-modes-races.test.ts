import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { child, endOf, exitOf, jobsOf, parent, pipelinesOf, woken } from "../support/failure-mode.ts";
import { openGateOn, runLoop } from "../support/loop.ts";
import { outputOf } from "../support/simulator.ts";

/** What can go wrong while the child calls back, each in one run of the packed orb. */

const gated = child("- gate: { type: approval }", { requires: "gate" });
const onHold = "project: gh/acme/app, job: hold, status: on_hold";
const isCanceled = "project: gh/acme/app, workflow: release, status: canceled";

/** Answers to all attempts to approve a hold. */
function answersToApprovals(report: Report): readonly (number | null)[] {
  return report.requests.filter(({ path }) => path.includes("/approve/")).map(({ status }) => status);
}

describe.concurrent("callback races", () => {
  test("18: the child calls back from the very workflow that the parent then judges", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child("- pass", { callback: "post-steps: [run: sleep 3]" }),
    });
    expect([endOf(report), outputOf(report, "check")]).toEqual([
      woken,
      expect.stringContaining("gh/acme/lib #1: integration is running"),
    ]);
  });

  test("19: the child is faster than the hold", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ trigger: "post-steps: [run: sleep 3]" }),
      "gh/acme/lib": child("- pass"),
    });
    expect([endOf(report), answersToApprovals(report)]).toEqual([woken, [202]]);
  });

  test("20: the approval is accepted, and shows only later", async () => {
    const readJobs = "method: GET, path: /api/v2/workflow/*/job, job: circle-back";
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `
events: [${openGateOn("on_hold")}]
faults: [{ ${readJobs}, times: 2, then: { delay: 1ms } }, { ${readJobs}, times: 2, then: { stale: 1s } }]
`,
    );
    expect([endOf(report), report.unused]).toEqual([woken, { events: [], faults: [] }]);
  });

  test("21: two callbacks at the same time", async () => {
    const second = `- circleback/approve-in-parent: { name: second, ticket: << pipeline.parameters.circleback >>, context: circleback, requires: [gate] }`;
    const report = await runLoop(
      {
        "gh/acme/app": parent(),
        "gh/acme/lib": child(`- gate: { type: approval }\n      ${second}`, { requires: "gate" }),
      },
      `events: [${openGateOn("on_hold")}]`,
    );
    const calledBack = jobsOf(report.pipelines, "second").map(exitOf);
    expect([
      { ...endOf(report), approvals: null },
      calledBack,
      jobsOf(report.pipelines, "ship").length,
    ]).toEqual([{ ...woken, approvals: null }, ["0"], 1]);
  });

  test("21: two workflows of the child disagree, and a failure is to cancel the hold", async () => {
    const cancel = { callback: "on-failure: cancel" };
    const other = `
  other:
    jobs:
      - fail
      - circleback/approve-in-parent:
          name: circle-back
          ticket: << pipeline.parameters.circleback >>
          requires: [fail: terminal]
          context: circleback
          on-failure: cancel
`;
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child("- pass", { ...cancel, more: other }),
    });
    expect([endOf(report), jobsOf(report.pipelines, "circle-back").map(exitOf)]).toEqual([
      {
        ...woken,
        check: null,
        hold: "canceled",
        parent: "canceled",
        children: ["integration success, other failed"],
        approvals: 0,
      },
      ["0", "0"],
    ]);
  });

  test("22: CircleCI repeats the failed child by itself", async () => {
    const flaky = { workflow: "max_auto_reruns: 2", requires: "flaky: terminal" };
    const report = await runLoop({ "gh/acme/app": parent(), "gh/acme/lib": child("- flaky", flaky) });
    const attempts = jobsOf(report.pipelines, "circle-back").map(exitOf);
    expect([endOf(report), attempts]).toEqual([
      { ...woken, children: ["integration failed, integration success"] },
      ["1 callback.early", "0"],
    ]);
  });

  test("23: a human approves before the child has ended", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ check: "allow-early-approval: false" }), "gh/acme/lib": gated },
      `
events:
  - { on: { ${onHold} }, do: approve, with: { as: ada } }
  - { on: { job: check, status: running }, delay: 500ms, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    expect([endOf(report), outputOf(report, "check")]).toEqual([
      { ...woken, check: "1 hold.early", hold: "success by ada", parent: "failed", approvals: 0 },
      expect.stringMatching(/ada approved `hold` at .*, before gh\/acme\/lib #1 had ended \(gate\)/),
    ]);
  });

  test("24: the bot that approves may not use a context of a later job", async () => {
    const deploy = "- ship: { name: deploy, requires: [check], context: production }";
    const report = await runLoop(
      { "gh/acme/app": parent({ more: deploy }), "gh/acme/lib": child() },
      `
contexts:
  circleback: { CIRCLE_TOKEN: token-of-the-release-bot }
  production: { values: { KEY: value }, allow: [developer] }
`,
    );
    expect([endOf(report), jobsOf(report.pipelines, "deploy").map(({ status }) => status)]).toEqual([
      { ...woken, parent: "unauthorized" },
      ["unauthorized"],
    ]);
  });

  test("25: the parent runs again from the start, with a new hold, which the same child wakes", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `
events:
  - { on: { ${onHold} }, do: cancel-workflow }
  - { on: { ${isCanceled} }, do: rerun }
  - { on: { project: gh/acme/app, job: hold, status: on_hold }, times: 2, delay: 1s, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    expect([
      endOf(report),
      pipelinesOf(report, "gh/acme/app").map(({ workflows }) => workflows.map(({ status }) => status)),
    ]).toEqual([woken, [["canceled", "success"]]]);
  });

  test("25: the parent runs again from the start, after a trigger that was cancelled before it had a receipt", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `
faults: [{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { delay: 20s, after: accepted } }]
events:
  - { on: { project: gh/acme/lib, job: gate, status: on_hold }, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { ${isCanceled} }, do: rerun }
  - { on: { ${onHold} }, delay: 1s, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    const [first, second] = jobsOf(report.pipelines, "trigger");
    expect([
      endOf(report),
      [first, second].map((job) => [job?.status, job?.artifacts.map(({ path }) => path)]),
    ]).toEqual([
      woken,
      [
        ["canceled", []],
        ["success", ["circleback/child.json"]],
      ],
    ]);
  });

  test("25: the parent runs again from the start, with a new hold and, where that is asked for, a new child", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ trigger: "on-rerun: new" }), "gh/acme/lib": gated },
      `
events:
  - { on: { ${onHold} }, do: cancel-workflow }
  - { on: { ${isCanceled} }, do: rerun }
  - { on: { project: gh/acme/lib, pipeline: 2, job: gate, status: on_hold }, do: approve, with: { project: gh/acme/lib, job: gate } }
  - { on: { project: gh/acme/app, job: check, status: success }, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    expect([
      { ...endOf(report), callback: null },
      pipelinesOf(report, "gh/acme/app").map(({ workflows }) => workflows.map(({ status }) => status)),
    ]).toEqual([
      { ...woken, callback: null, children: ["integration on_hold", "integration success"] },
      [["canceled", "success"]],
    ]);
  });

  test("25: the parent runs again from failed, with a new hold, but without the job that triggered", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `
events:
  - { on: { ${onHold} }, do: cancel-workflow }
  - { on: { ${isCanceled} }, do: rerun-from-failed }
  - { on: { ${isCanceled} }, delay: 300ms, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    const holds = jobsOf(report.pipelines, "hold").map(({ status }) => status);
    expect([endOf(report), holds]).toEqual([woken, ["canceled", "success"]]);
  });

  test("26: the parent is cancelled while the child runs", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `events: [{ on: { ${onHold} }, do: cancel-workflow }, ${openGateOn("canceled")}]`,
    );
    expect(endOf(report)).toEqual({
      ...woken,
      check: null,
      hold: "canceled",
      parent: "canceled",
      approvals: 0,
    });
  });

  test("27: another job of the parent has failed, and the hold is still there", async () => {
    const report = await runLoop({ "gh/acme/app": parent({ more: "- fail" }), "gh/acme/lib": child() });
    expect(endOf(report)).toEqual({ ...woken, parent: "failed" });
  });
});
