import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { child, openGateOn, parent, runLoop, said } from "../support/loop.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';

function check(name: string, more = ""): string {
  return `- circleback/check-status: { name: ${name}, context: circleback, requires: [hold], ${more} }`;
}

/** What an orb's step printed, with `<time>` in the place of times. */
function lines(report: Report, jobName: string): readonly string[] {
  return said(report, jobName).lines.map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "<time>"));
}

describe.concurrent("check-status", () => {
  test("names a callback apart that could not call back, and reads the child's own result", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ more: check("check") }), "gh/acme/lib": child() },
      `
faults:
  - { method: POST, path: /api/v2/workflow/*/approve/*, job: circle-back, times: 9, then: { status: 403 } }
events:
  - { on: { project: gh/acme/lib, workflow: integration, status: failed }, do: approve, with: { project: gh/acme/app, job: hold } }
`,
    );
    expect([said(report, "circle-back").exit, said(report, "check")]).toEqual([
      3,
      {
        exit: 0,
        lines: [
          "gh/acme/lib #1: integration is failed",
          "gh/acme/lib #1: success  /pipelines/github/acme/lib/1",
          "  integration    failed             /pipelines/github/acme/lib/1/workflows/integration",
          "    circle-back  failed (callback)  /pipelines/github/acme/lib/1/workflows/integration/jobs/1",
          "Warning: circle-back of gh/acme/lib #1 failed in calling back; the child's own result does not hang on it.",
        ],
      },
    ]);
  });

  test("counts a job that failed before it called back in a post-step", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ more: check("check") }),
      "gh/acme/lib": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
jobs:
  test: { ${docker}, steps: [run: { name: Test, command: "echo one; echo two; exit 3" }] }
workflows:
  integration:
    jobs:
      - test:
          context: circleback
          post-steps:
            - circleback/approve-in-parent: { ticket: << pipeline.parameters.circleback >> }
`,
    });
    expect([said(report, "check").exit, lines(report, "check").slice(-9)]).toEqual([
      1,
      [
        "gh/acme/lib #1: failed  /pipelines/github/acme/lib/1",
        "  ! test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/1",
        "  integration  failed  /pipelines/github/acme/lib/1/workflows/integration",
        "    test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/1",
        'test, step "Test":',
        "  | one",
        "  | two",
        "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
        "  - Look at /pipelines/github/acme/lib/1",
        "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
      ].slice(-9),
    ]);
  });

  test("tells who approved too early, and fails for it where it shall", async () => {
    const checks = `${check("check")}
      ${check("check-strict", "allow-early-approval: false")}`;
    const report = await runLoop(
      { "gh/acme/app": parent({ more: checks }), "gh/acme/lib": child({ gate: true }) },
      `events: [{ on: { job: hold, status: on_hold }, do: approve }, ${openGateOn("success")}]`,
    );
    const sentence = "human approved `hold` at <time>, before gh/acme/lib #1 had ended (gate).";
    const told = (name: string) => lines(report, name).filter((line) => line.includes(" approved "));
    expect([said(report, "check").exit, told("check")]).toEqual([0, [`Warning: ${sentence}`]]);
    expect([said(report, "check-strict").exit, told("check-strict")]).toEqual([
      1,
      [`Error: ${sentence} (hold.early)`],
    ]);
  });
});

test.concurrent("a trigger that waits by itself judges by the same parameters", async () => {
  const poll = (name: string, more = "") => `
      - circleback/trigger-and-wait:
          { name: ${name}, project: gh/acme/lib, receipt: ${name}, ticket-parameter: "", context: circleback, ${more} }`;
  const report = await runLoop({
    "gh/acme/app": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:${poll("strict")}${poll("soft", "soft-fail: true")}${poll("good", 'success-on: "success, failed"')}${poll("some", 'child-workflows: "test, rel*"')}${poll("none", "child-workflows: rel*")}
`,
    "gh/acme/lib": `
version: 2.1
jobs:
  pass: { ${docker}, steps: [run: "true"] }
  fail: { ${docker}, steps: [run: { name: Deploy, command: "echo no room; exit 9" }] }
workflows:
  test: { jobs: [pass] }
  deploy: { jobs: [fail] }
`,
  });
  const ends = ["strict", "soft", "good", "some", "none"].map((name) => {
    const { exit, lines } = said(report, name);
    const line = lines.filter((each) => /^(Warning|Error|fail, step| {2}\|)/.test(each));
    return [name, exit, line.map((each) => each.replace(/\/?pipelines\S*|#\d/g, "…"))];
  });
  expect(ends).toEqual([
    [
      "strict",
      1,
      [
        'fail, step "Deploy":',
        "  | no room",
        "Error: gh/acme/lib … ended failed (fail failed). (child.failed)",
      ],
    ],
    [
      "soft",
      0,
      [
        'fail, step "Deploy":',
        "  | no room",
        "Warning: gh/acme/lib … ended failed (fail failed). This job succeeds all the same (`soft-fail`).",
      ],
    ],
    ["good", 0, []],
    ["some", 0, ["Warning: `child-workflows` names rel*, which fits no workflow of gh/acme/lib …."]],
    [
      "none",
      2,
      [
        "Error: `child-workflows` names rel*, which fits no workflow of gh/acme/lib …, so there is nothing to judge it by: … (parameter.invalid)",
      ],
    ],
  ]);
});
