import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeTicket, makeNonce } from "../../src/protocol/ticket.ts";
import type { PipelineReport, Report } from "../../src/simulator/report/report.ts";
import { callsOf, jobOf, runLoop, said } from "../support/loop.ts";
import { outputOf, requests, statuses, stepsOf } from "../support/simulator.ts";

/** The packed orb in the simulator: a parent that is to sleep on a hold. */

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** `jobs` are lines of the workflow beside the job `trigger`, and `more` is a line of that. */
function parent(jobs: string, { hold = "hold", more = "" } = {}): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  test: { ${docker}, steps: [run: echo tested] }
  look:
    ${docker}
    steps:
      - attach_workspace: { at: . }
      - run: cat .circleback/receipts/lib.json
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          approval-job: ${hold}
          receipt: lib
          context: circleback
          ${more}
      ${jobs.trim().split("\n").join("\n      ")}
`;
}

const lib = `
version: 2.1
parameters: { circleback: { type: string, default: "" } }
jobs:
  greet: { ${docker}, steps: [run: "echo << pipeline.parameters.circleback >>"] }
workflows:
  w: { jobs: [greet] }
`;

const goodHold = "- hold: { type: approval, requires: [trigger] }";

function pick(report: Report, project: string): PipelineReport {
  const pipeline = report.pipelines.find((candidate) => candidate.project === project);
  if (pipeline === undefined) throw new Error(`There is no pipeline of ${project}.`);
  return pipeline;
}

describe.concurrent("the trigger", () => {
  test("starts the child, leaves a receipt and lets the workflow sleep", async () => {
    const before = Math.floor(Date.now() / 1000);
    const report = await runLoop({
      "gh/acme/app": parent(`${goodHold}\n- look: { requires: [trigger] }`, { more: "branch: main" }),
      "gh/acme/lib": lib,
    });
    const [app, child] = [pick(report, "gh/acme/app"), pick(report, "gh/acme/lib")];
    const [workflow] = app.workflows;
    const [trigger] = workflow?.jobs ?? [];
    if (workflow === undefined || trigger === undefined) throw new Error("The parent has not run.");

    expect([report.outcome, statuses(report)]).toEqual([
      "on_hold",
      {
        "gh/acme/app#1": {
          release: { status: "on_hold", jobs: { trigger: "success", hold: "on_hold", look: "success" } },
        },
        "gh/acme/lib#1": { w: { status: "success", jobs: { greet: "success" } } },
      },
    ]);
    expect([said(report, "trigger"), callsOf(report, "trigger")]).toEqual([
      {
        exit: 0,
        lines: [
          "Triggering gh/acme/lib on branch main …",
          "Triggered gh/acme/lib #1: /pipelines/github/acme/lib/1",
          "gh/acme/lib #1 has started: /pipelines/github/acme/lib/1",
          "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
        ],
      },
      [
        "GET /workflow/release/job 200",
        "POST /project/gh/acme/lib/pipeline 201",
        "GET /pipeline/gh/acme/lib#1/workflow 200",
      ],
    ]);

    const receipt = {
      version: 1,
      receipt: "lib",
      project: "gh/acme/lib",
      branch: "main",
      tag: "",
      nonce: makeNonce(workflow.id, "trigger", "lib"),
      request: expect.stringMatching(/^[0-9a-f]{32}$/),
      ticket: child.parameters.circleback,
      sentAt: expect.toSatisfy((sent: number) => Math.abs(sent - before * 1000) < 60_000),
      hold: "hold",
      cancelChild: false,
      parent: {
        project: "gh/acme/app",
        pipelineId: app.id,
        workflowId: workflow.id,
        workspaceId: workflow.id,
      },
      pipeline: {
        id: child.id,
        number: 1,
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/pipelines\/github\/acme\/lib\/1$/),
      },
    };
    expect(trigger.artifacts.map(({ path }) => path)).toEqual(["circleback/lib.json"]);
    expect(trigger.artifacts.map(({ file }) => JSON.parse(readFileSync(file, "utf8")))).toEqual([receipt]);
    expect(JSON.parse(stepsOf(report, "look").at(-1)?.output ?? "")).toEqual(receipt);

    const ticket = String(child.parameters.circleback);
    expect(ticket.length).toBeLessThanOrEqual(512);
    expect(decodeTicket(ticket)).toEqual({
      parentProject: "gh/acme/app",
      pipelineId: app.id,
      workflowId: workflow.id,
      workspaceId: workflow.id,
      hold: "hold",
      receipt: "lib",
      childProject: "gh/acme/lib",
      nonce: receipt.nonce,
      expires: expect.toSatisfy((expires: number) => Math.abs(expires - before - 90 * 86_400) < 120),
      ancestors: [],
    });
    expect(outputOf(report, "greet")).toContain(ticket);
  });

  test("refuses a ticket that would be longer than a parameter may be", async () => {
    const hold = "h".repeat(200);
    const report = await runLoop({
      "gh/acme/app": parent(`- ${hold}: { type: approval, requires: [trigger] }`, { hold }),
      "gh/acme/lib": lib,
    });
    expect(said(report, "trigger")).toEqual({
      exit: 2,
      lines: [
        expect.stringMatching(
          /^Error: The ticket for gh\/acme\/lib has \d+ characters; a pipeline parameter may have 512\. \(ticket\.invalid\)$/,
        ),
        "  - Give the approval job and the receipt shorter names.",
      ],
    });
    expect(callsOf(report, "trigger")).toEqual(["GET /workflow/release/job 200"]);
  });
});

const found = "Its approval jobs are `hold`: set `approval-job` to one of them.";

describe.concurrent("a hold that the workflow cannot sleep on fails the step before anything is triggered", () => {
  test.each([
    {
      what: "missing",
      jobs: "- test: { requires: [trigger] }",
      error: "This workflow has no job `hold` to sleep on. (hold.invalid)",
      hint: "Add it to the workflow: `- hold: { type: approval, requires: [trigger] }`.",
    },
    {
      what: "mistyped",
      jobs: goodHold,
      hold: "hodl",
      error: "This workflow has no job `hodl` to sleep on. (hold.invalid)",
      hint: found,
    },
    {
      what: "no approval job",
      jobs: "- test: { name: hold, requires: [trigger] }",
      error: "`hold` is no approval job, so this workflow cannot sleep on it. (hold.invalid)",
      hint: "Give it `type: approval` in the workflow, or set `approval-job` to a job that has it.",
    },
    {
      what: "dependent on another job, too",
      jobs: "- test\n- hold: { type: approval, requires: [trigger, test] }",
      error:
        "The approval job `hold` must require `trigger` and nothing else; it requires `trigger`, `test`. (hold.invalid)",
      hint: "Write `requires: [trigger]` for `hold`, and let the job that runs check-status require whatever else must be done.",
    },
    {
      what: "independent of the trigger",
      jobs: "- hold: { type: approval }",
      error:
        "The approval job `hold` must require `trigger` and nothing else; it requires nothing. (hold.invalid)",
      hint: "Write `requires: [trigger]` for `hold`, and let the job that runs check-status require whatever else must be done.",
    },
  ])("$what", async ({ jobs, hold, error, hint }) => {
    const report = await runLoop({ "gh/acme/app": parent(jobs, { hold }), "gh/acme/lib": lib });
    expect([said(report, "trigger"), jobOf(report, "trigger").status, requests(report).length]).toEqual([
      { exit: 2, lines: [`Error: ${error}`, `  - ${hint}`, "  - Nothing was triggered."] },
      "failed",
      1,
    ]);
    expect(callsOf(report, "trigger")).toEqual(["GET /workflow/release/job 200"]);
  });

  test("already decided", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(goodHold, { more: "pre-steps: [run: sleep 1]" }), "gh/acme/lib": lib },
      "events: [{ on: { job: trigger, status: running }, do: cancel-job, with: { job: hold } }]",
    );
    expect([said(report, "trigger"), callsOf(report, "trigger")]).toEqual([
      {
        exit: 2,
        lines: [
          "Error: The approval job `hold` is already decided: canceled. (hold.invalid)",
          "  - Rerun this workflow from its start: that makes a new approval job.",
          "  - Nothing was triggered.",
        ],
      },
      ["GET /workflow/release/job 200"],
    ]);
  });
});

test.concurrent("parallel nodes are refused, each of them, before any request", async () => {
  const app = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  trigger:
    ${docker}
    parallelism: 2
    steps:
      - circleback/trigger-and-wait: { project: gh/acme/lib, approval-job: hold }
workflows:
  release:
    jobs:
      - trigger: { context: circleback }
      - hold: { type: approval, requires: [trigger] }
`;
  const report = await runLoop({ "gh/acme/app": app, "gh/acme/lib": lib });
  const runs = stepsOf(report, "trigger").filter(({ name }) => name === "Trigger another pipeline");
  expect([runs.map((step) => [step.exit_code, step.output]), requests(report)]).toEqual([
    Array.from({ length: 2 }, () => [
      2,
      "Error: `trigger` runs on 2 parallel nodes, and each would trigger a child. (job.parallel)\n  - Move trigger-and-wait into a job without `parallelism`.\n",
    ]),
    [],
  ]);
});
