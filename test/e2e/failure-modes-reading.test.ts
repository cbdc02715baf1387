import { describe, expect, test } from "vitest";
import {
  child,
  endOf,
  exitOf,
  jobsOf,
  neverStarted,
  parent,
  pipelinesOf,
  woken,
} from "../support/failure-mode.ts";
import { openGateOn, runLoop } from "../support/loop.ts";
import { outputOf } from "../support/simulator.ts";

/** What can go wrong in reading the API and in how people set it up, each in one run of the packed orb. */

const gated = child("- gate: { type: approval }", { requires: "gate" });
const workflows = "method: GET, path: /api/v2/pipeline/*/workflow";

describe.concurrent("reading the API", () => {
  test("28: a status that nobody has heard of", async () => {
    const unknown = {
      id: "w",
      name: "integration",
      status: "hibernating",
      project_slug: "gh/acme/lib",
      pipeline_id: "p",
      pipeline_number: 1,
      created_at: "2026-01-01T00:00:00Z",
    };
    const body = JSON.stringify({ items: [unknown], next_page_token: null });
    const report = await runLoop(
      { "gh/acme/app": parent({ check: "timeout: 2s" }), "gh/acme/lib": child() },
      `faults: [{ ${workflows}, job: check, times: 100, then: { body: ${body} } }]`,
    );
    expect([endOf(report), outputOf(report, "check")]).toEqual([
      { ...woken, check: "8 wait.timeout", parent: "failed" },
      expect.stringContaining("integration is hibernating"),
    ]);
  });

  test("29: several runs of one workflow, of which the newest counts", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child("- flaky", { requires: "flaky: terminal" }) },
      `
events:
  - on: { project: gh/acme/app, workflow: release, status: failed }
    do: rerun-from-failed
    with: { project: gh/acme/lib, workflow: integration }
  - on: { project: gh/acme/lib, workflow: integration, status: success }
    do: rerun-from-failed
    with: { project: gh/acme/app, workflow: release }
`,
    );
    expect([endOf(report), jobsOf(report.pipelines, "check").map(exitOf)]).toEqual([
      { ...woken, children: ["integration failed, integration success"] },
      ["1 child.failed", "0"],
    ]);
  });

  test("30: names with blanks and signs, and a hold of the same name in another workflow", async () => {
    const name = '"wait for: lib & co"';
    const other = `\n  other:\n    jobs: [${name}: { type: approval }]\n`;
    const app = parent()
      .replace("approval-job: hold", `approval-job: ${name}`)
      .replace("- hold:", `- ${name}:`)
      .replace("requires: [hold]", `requires: [${name}]`);
    const report = await runLoop({
      "gh/acme/app": app + other,
      "gh/acme/lib": child('- pass: { name: "pass (1/2): ä" }', { requires: '"pass (1/2): ä": terminal' }),
    });
    const holds = jobsOf(report.pipelines, "wait for: lib & co").map(({ status }) => status);
    expect([{ ...endOf(report), parent: null }, holds]).toEqual([
      { ...woken, hold: "none", parent: null },
      ["success", "on_hold"],
    ]);
  });

  test("31: more jobs than one page of the list holds", async () => {
    const pads = Array.from({ length: 45 }, (_, index) => `- pad-${index}: { type: no-op }`);
    const report = await runLoop({
      "gh/acme/app": parent({ more: pads.join("\n      ") }).replace(
        "- circleback/trigger",
        `${pads.map((pad) => pad.replace("pad", "front")).join("\n      ")}\n      - circleback/trigger`,
      ),
      "gh/acme/lib": child(),
    });
    expect(endOf(report)).toEqual(woken);
    expect(report.requests.filter(({ path }) => path.includes("page-token")).length).toBeGreaterThan(4);
  });

  test("32: lists that are a second old", async () => {
    const jobs = "method: GET, path: /api/v2/workflow/*/job";
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `
events: [${openGateOn("on_hold")}]
faults:
  - { ${workflows}, job: check, times: 2, then: { stale: 1s } }
  - { ${jobs}, job: circle-back, then: { delay: 1ms } }
  - { ${jobs}, job: circle-back, times: 3, then: { stale: 1s } }
`,
    );
    expect([endOf(report), report.unused.faults]).toEqual([woken, []]);
  });

  test("33: the service asks three children that call back together for patience", async () => {
    const patience = 'then: { status: 429, headers: { Retry-After: "1" } }';
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `
trigger: [{ project: gh/acme/app }, { project: gh/acme/app }, { project: gh/acme/app }]
faults:
  - { method: GET, path: /api/v2/workflow/*/job, job: circle-back, times: 3, ${patience} }
  - { method: POST, path: /api/v2/workflow/*/approve/*, times: 3, ${patience} }
`,
    );
    const parents = pipelinesOf(report, "gh/acme/app").map(({ workflows: [release] }) => release?.status);
    expect([parents, endOf(report).approvals, report.unused.faults]).toEqual([
      ["success", "success", "success"],
      3,
      [],
    ]);
  });

  test("34: approval jobs bear numbers, but cannot be asked for by them", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": gated },
      `events: [${openGateOn("on_hold")}]`,
    );
    const numbers = ["hold", "gate"].map((name) => jobsOf(report.pipelines, name)[0]?.number);
    expect([endOf(report), numbers, report.requests.filter(({ status }) => status === 404)]).toEqual([
      woken,
      [expect.any(Number), expect.any(Number)],
      [],
    ]);
  });

  test("35: the workspace has expired before the hold was released", async () => {
    // Sourced by the very step that reads the receipt: then it is as gone as after 15 days.
    const expire = `pre-steps: [run: echo 'rm -rf .circleback/receipts' >> $BASH_ENV]`;
    const report = await runLoop({ "gh/acme/app": parent({ check: expire }), "gh/acme/lib": child() });
    expect(endOf(report)).toEqual({ ...woken, check: "2 receipt.invalid", parent: "failed" });
  });
});

describe.concurrent("how people set it up", () => {
  test("37: a forked pull request, which gets no secrets", async () => {
    const report = await runLoop({
      "gh/acme/app": parent().replace("context: circleback", ""),
      "gh/acme/lib": child(),
    });
    expect([endOf(report), outputOf(report, "trigger")]).toEqual([
      { ...neverStarted, trigger: "3 circleci.unauthorized" },
      expect.stringContaining("A pipeline of a forked pull request gets no secrets"),
    ]);
  });

  test("38: a child that triggers its own parent", async () => {
    const back = `- circleback/trigger-and-wait: { name: back, project: gh/acme/app, ticket: << pipeline.parameters.circleback >>, context: circleback }`;
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child(back, { requires: "back: terminal" }),
    });
    expect([
      endOf(report),
      jobsOf(report.pipelines, "back").map(exitOf),
      pipelinesOf(report, "gh/acme/app").length,
    ]).toEqual([
      { ...woken, check: "1 child.failed", parent: "failed", children: ["integration failed"] },
      ["2 chain.refused"],
      1,
    ]);
  });

  test("38: a project that triggers itself", async () => {
    const report = await runLoop({
      "gh/acme/app": parent().replace("project: gh/acme/lib", "project: github/acme/app"),
    });
    expect(endOf(report)).toEqual({ ...neverStarted, trigger: "2 chain.refused" });
  });

  test("39: the trigger is filtered out, and what waits for its hold is not", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({
        trigger: 'filters: pipeline.git.branch == "release"',
        more: "- ship: { name: build }",
      }).replace("requires: [hold]", "requires: [hold, build]"),
      "gh/acme/lib": child(),
    });
    expect([endOf(report), jobsOf(report.pipelines, "ship").map(({ status }) => status)]).toEqual([
      { ...neverStarted, trigger: null, check: "2 receipt.invalid", hold: "none" },
      ["not_run"],
    ]);
  });

  test("40: a ticket that somebody has read and hands to a pipeline of his own", async () => {
    const thief = `
  thief:
    docker: [{ image: "cimg/base:stable" }]
    steps:
      - run: >-
          curl -fsS -H "Circle-Token: $CIRCLE_TOKEN" -H "Content-Type: application/json"
          -d '{"parameters":{"mode":"stolen","circleback":"<< pipeline.parameters.circleback >>"}}'
          https://circleci.com/api/v2/project/gh/acme/lib/pipeline
workflows:`;
    const jobs = `- gate: { type: approval, filters: pipeline.parameters.mode != "stolen" }
      - thief: { context: circleback, filters: pipeline.parameters.mode != "stolen" }
      - pass`;
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child(jobs, { requires: "gate, pass" }).replace("\nworkflows:", thief),
    });
    expect(endOf(report)).toEqual({
      ...woken,
      callback: "2 hold.foreign",
      check: null,
      hold: "on_hold",
      parent: "on_hold",
      children: ["integration on_hold", "integration failed"],
      approvals: 0,
    });
  });
});
