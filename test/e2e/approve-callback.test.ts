import { describe, expect, test } from "vitest";
import { callsOf, jobOf, openGateOn, parent, runLoop, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';
const ticket = "ticket: << pipeline.parameters.circleback >>";

function child(jobs: string, workflow: string): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
executors:
  mine: { ${docker}, environment: { FAVOURITE: mine } }
jobs:
  pass: { ${docker}, steps: [run: echo fine] }
  fail: { ${docker}, steps: [run: exit 9] }
${jobs}
workflows:
  integration:
    jobs:
${workflow}
`;
}

const well = "All other jobs of this workflow have ended well.";
const approval = "Approved `hold`: the parent goes on, /workflow-run/release";
const approved = { exit: 0, lines: [well, approval] };

describe.concurrent("the callback works", () => {
  test("as a post-step of a job that fails", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child(
        "",
        `      - fail: { context: circleback, post-steps: [circleback/approve-in-parent: { ${ticket} }] }`,
      ),
    });
    expect([statuses(report), said(report, "fail")]).toEqual([
      {
        "gh/acme/app#1": {
          release: { status: "success", jobs: { trigger: "success", hold: "success", ship: "success" } },
        },
        "gh/acme/lib#1": { integration: { status: "failed", jobs: { fail: "failed" } } },
      },
      { exit: 0, lines: ["Not every job of this workflow has ended well: fail failed.", approval] },
    ]);
  });

  test("as a job after a matrix of jobs with different ends", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child(
        `  test: { parameters: { code: { type: integer } }, ${docker}, steps: [run: exit << parameters.code >>] }`,
        `
      - test: { name: test-<< matrix.code >>, matrix: { parameters: { code: [0, 1] } } }
      - pass: { name: later, requires: [test-1] }
      - circleback/approve-in-parent:
          name: circle-back
          ${ticket}
          context: circleback
          filters: pipeline.parameters.circleback != ""
          requires: [test-0: terminal, test-1: terminal, later: terminal]
`,
      ),
    });
    expect([statuses(report)["gh/acme/lib#1"], report.outcome, said(report, "circle-back")]).toEqual([
      {
        integration: {
          status: "failed",
          jobs: { "test-0": "success", "test-1": "failed", later: "not_run", "circle-back": "success" },
        },
      },
      "success",
      { exit: 0, lines: ["Not every job of this workflow has ended well: test-1 failed.", approval] },
    ]);
  });

  test("twice at the same time, with one approval", async () => {
    const callback = (name: string) => `
      - circleback/approve-in-parent: { name: ${name}, ${ticket}, context: circleback, requires: [gate] }`;
    const report = await runLoop(
      {
        "gh/acme/app": parent(),
        "gh/acme/lib": child("", `      - gate: { type: approval }${callback("left")}${callback("right")}`),
      },
      `events: [${openGateOn("on_hold")}]`,
    );
    const [app] = report.pipelines;
    expect([report.outcome, jobOf(report, "hold"), app?.workflows.map(({ jobs }) => jobs.length)]).toEqual([
      "success",
      { status: "success", approved_by: "release-bot" },
      [3],
    ]);
    expect([said(report, "left").exit, said(report, "right").exit]).toEqual([0, 0]);
  });

  test("as a step of the user's own job, and on the user's own executor", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child(
        `
  own:
    ${docker}
    steps:
      - run: echo before
      - circleback/approve-in-parent: { ${ticket}, install-node: false }
      - run: echo after
`,
        `
      - own: { context: circleback }
      - circleback/approve-in-parent:
          name: on-mine
          executor: mine
          ${ticket}
          context: circleback
          requires: [own]
          post-steps: [run: { name: Where, command: 'echo "on $FAVOURITE"' }]
`,
      ),
    });
    const steps = report.pipelines[1]?.workflows[0]?.jobs.flatMap(({ steps }) => steps) ?? [];
    expect([report.outcome, steps.map(({ name, status }) => [name, status]), said(report, "own")]).toEqual([
      "success",
      [
        ["echo before", "success"],
        ["Note that this job calls back", "success"],
        ["Uploading artifacts", "success"],
        ["Wake the parent pipeline", "success"],
        ["Uploading artifacts", "success"],
        ["echo after", "success"],
        ["Note that this job calls back", "success"],
        ["Uploading artifacts", "success"],
        ["Wake the parent pipeline", "success"],
        ["Uploading artifacts", "success"],
        ["Where", "success"],
      ],
      {
        exit: 0,
        lines: [
          "Warning: This workflow has not ended: on-mine is blocked. Let the callback require these jobs as well.",
          "None of its jobs has failed yet.",
          approval,
        ],
      },
    ]);
    expect([steps.at(-1)?.output, said(report, "on-mine")]).toEqual([
      "on mine\n",
      {
        exit: 0,
        lines: [well, "`hold` is already approved, so there is nothing left to do: /workflow-run/release"],
      },
    ]);
  });

  test("with a signed ticket, and prints the secret nowhere", async () => {
    const secret = "secret-that-signs-tickets";
    const report = await runLoop(
      {
        "gh/acme/app": parent(),
        "gh/acme/lib": child(
          "",
          `      - circleback/approve-in-parent: { name: circle-back, ${ticket}, require-signature: true, context: circleback }`,
        ),
      },
      `contexts: { circleback: { CIRCLE_TOKEN: token-of-the-release-bot, CIRCLEBACK_SIGNING_SECRET: ${secret} } }`,
    );
    expect([report.outcome, said(report, "circle-back"), JSON.stringify(report).includes(secret)]).toEqual([
      "success",
      approved,
      false,
    ]);
  });

  test("with the parent's bare pipeline id instead of a ticket", async () => {
    const report = await runLoop({
      "gh/acme/app": `
version: 2.1
jobs:
  trigger:
    ${docker}
    steps:
      - run: >-
          curl -sS -H "Circle-Token: $CIRCLE_TOKEN" -H "Content-Type: application/json"
          -d '{"parameters":{"parent":"<< pipeline.id >>"}}' https://circleci.com/api/v2/project/gh/acme/lib/pipeline
workflows:
  other: { jobs: [nothing: { type: no-op }] }
  release:
    jobs:
      - trigger: { context: circleback }
      - hold: { type: approval, requires: [trigger] }
`,
      "gh/acme/lib": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { parent: { type: string, default: "" } }
workflows:
  integration:
    jobs:
      - circleback/approve-in-parent:
          name: circle-back
          pipeline-id: << pipeline.parameters.parent >>
          approval-job: hold
          require-receipt: false
          allowed-parents: gh/acme/*
          context: circleback
`,
    });
    const calls = callsOf(report, "circle-back");
    expect([report.outcome, said(report, "circle-back")]).toEqual(["success", approved]);
    expect(calls).toEqual(
      expect.arrayContaining(["GET /pipeline/gh/acme/app#1/workflow 200", "GET /workflow/other/job 200"]),
    );
  });

  test("not at all in a pipeline that nobody else has triggered, and needs no token for that", async () => {
    const report = await runLoop(
      {
        "gh/acme/lib": child(
          "",
          `      - circleback/approve-in-parent: { name: circle-back, ${ticket} }
      - circleback/approve-in-parent: { name: older-style, pipeline-id: << pipeline.git.tag >> }`,
        ),
      },
      "trigger: [{ project: gh/acme/lib }]",
    );
    const nobody = {
      exit: 0,
      lines: ["This pipeline was not triggered by circleback: there is no parent to wake."],
    };
    expect([
      report.outcome,
      said(report, "circle-back"),
      said(report, "older-style"),
      report.requests,
    ]).toEqual(["success", nobody, nobody, []]);
  });
});
