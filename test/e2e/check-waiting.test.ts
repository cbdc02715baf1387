import { describe, expect, test } from "vitest";
import { callsOf, runLoop, said } from "../support/loop.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** Triggers `gh/acme/lib` and checks it; with a gate, no sooner than an event allows. */
function parent({ gate = false, timeout = "30s" } = {}): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          wait: false
          ticket-parameter: ""
          context: circleback
      ${gate ? "- gate: { type: approval }" : ""}
      - circleback/check-status:
          name: check
          timeout: ${timeout}
          context: circleback
          requires: [trigger${gate ? ", gate" : ""}]
`;
}

/** A child whose last job is a hold, `decision`. */
function child(jobs = ""): string {
  return `
version: 2.1
jobs:
  pass: { ${docker}, steps: [run: echo fine] }
  fail: { ${docker}, steps: [run: exit 9] }
workflows:
  integration:
    jobs:
      ${jobs}
      - decision: { type: approval }
`;
}

/** Somebody approves the child's hold, long after the first look of the check and well before its third. */
const decideLater =
  "{ on: { project: gh/acme/app, job: check, status: running }, delay: 3s, do: approve, with: { project: gh/acme/lib, job: decision } }";

describe.concurrent("check-status waits", () => {
  test("for a child that is on hold until a human approves", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `events: [${decideLater}]`,
    );
    expect(said(report, "check")).toEqual({
      exit: 0,
      lines: [
        "gh/acme/lib #1: integration is on_hold",
        "gh/acme/lib #1: integration is success",
        "gh/acme/lib #1: success  /pipelines/github/acme/lib/1",
        "  integration  success  /pipelines/github/acme/lib/1/workflows/integration",
        "    decision   success  /pipelines/github/acme/lib/1/workflows/integration",
      ],
    });
  });

  test("for a child that is failing, whose other jobs go on", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ gate: true }), "gh/acme/lib": child("- fail") },
      `
events:
  - { on: { project: gh/acme/lib, job: fail, status: failed }, do: approve, with: { project: gh/acme/app, job: gate } }
  - ${decideLater}
`,
    );
    const { exit, lines } = said(report, "check");
    expect([exit, lines.slice(0, 2)]).toEqual([
      1,
      ["gh/acme/lib #1: integration is failing", "gh/acme/lib #1: integration is failed"],
    ]);
  });

  test.each(["running", "queued", "hibernating"])("while the service says %s", async (status) => {
    const workflow = {
      id: "w",
      name: "integration",
      status,
      project_slug: "gh/acme/lib",
      pipeline_id: "p",
      pipeline_number: 1,
      created_at: "2026-01-01T00:00:00Z",
    };
    const report = await runLoop(
      {
        "gh/acme/app": parent(),
        "gh/acme/lib": child("- pass").replace(/- decision.*/, ""),
      },
      `
faults:
  - method: GET
    path: /api/v2/pipeline/*/workflow
    job: check
    then: { body: { items: [${JSON.stringify(workflow)}], next_page_token: null } }
`,
    );
    const { exit, lines } = said(report, "check");
    expect([exit, lines.slice(0, 2), callsOf(report, "check")]).toEqual([
      0,
      [`gh/acme/lib #1: integration is ${status}`, "gh/acme/lib #1: integration is success"],
      [
        "GET /pipeline/gh/acme/lib#1/workflow 200",
        "GET /pipeline/gh/acme/lib#1/workflow 200",
        "GET /workflow/release/job 200", // whether two triggers share the receipt's name
        "GET /workflow/integration/job 200",
        "GET /project/gh/acme/lib/1/artifacts 200",
      ],
    ]);
  });

  test("for the rerun of a workflow, which replaces the older run", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ gate: true }), "gh/acme/lib": child() },
      `
events:
  - { on: { project: gh/acme/lib, job: decision, status: on_hold }, do: cancel-workflow }
  - { on: { project: gh/acme/lib, workflow: integration, status: canceled }, do: rerun }
  - { on: { project: gh/acme/lib, workflow: integration, status: canceled }, delay: 100ms, do: approve, with: { project: gh/acme/app, job: gate } }
  - ${decideLater}
`,
    );
    expect([report.pipelines[1]?.workflows.map(({ status }) => status), said(report, "check")]).toEqual([
      ["canceled", "success"],
      {
        exit: 0,
        lines: [
          "gh/acme/lib #1: integration is on_hold",
          "gh/acme/lib #1: integration is success",
          "gh/acme/lib #1: success  /pipelines/github/acme/lib/1",
          "  integration  success  /pipelines/github/acme/lib/1/workflows/integration#2",
          "    decision   success  /pipelines/github/acme/lib/1/workflows/integration#2",
        ],
      },
    ]);
  });

  test("until its time is up, and says what the child is still at", async () => {
    const report = await runLoop({ "gh/acme/app": parent({ timeout: "1s" }), "gh/acme/lib": child() });
    expect(said(report, "check")).toEqual({
      exit: 8,
      lines: [
        "gh/acme/lib #1: integration is on_hold",
        "Error: Not at an end after 1s: gh/acme/lib #1 (integration is on_hold, /pipelines/github/acme/lib/1). (wait.timeout)",
        "  - A workflow that is `on_hold` waits for somebody to approve it.",
        "  - Give it more time with `timeout`; the child itself goes on.",
      ],
    });
  });
});
