import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { callsOf, jobOf, runLoop, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';

function trigger(name: string, more = ""): string {
  return `- circleback/trigger-and-wait: { name: trigger-${name}, project: gh/acme/${name}, receipt: ${name}, approval-job: hold-${name}, context: circleback, ${more} }`;
}

function hold(name: string): string {
  return `- hold-${name}: { type: approval, requires: [trigger-${name}] }`;
}

/** A child that goes on with these jobs once somebody opens its gate. */
function child(jobs: string): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
jobs:
  test: { ${docker}, steps: [run: echo fine] }
workflows:
  integration:
    jobs:
      - gate: { type: approval }
      ${jobs}
`;
}

const callBack =
  "- circleback/approve-in-parent: { name: circle-back, ticket: << pipeline.parameters.circleback >>, context: circleback, requires: [gate] }";

function sweeper(jobs: string): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  nightly:
    jobs:
      ${jobs}
`;
}

function parent(jobs: readonly string[]): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      ${jobs.join("\n      ")}
`;
}

const sweepNow = "do: trigger, project: gh/acme/ops";

/** What a sweep has printed, without addresses and the number of its requests. */
function sweptBy(report: Report, job: string) {
  const { exit, lines } = said(report, job);
  return {
    exit,
    lines: lines.map((line) => line.replace(/ \/pipelines\/\S+/, "").replace(/ with \d+ requests/, "")),
  };
}

describe.concurrent("a sweep", () => {
  test("cancels the child of a job that was cancelled while it waited for it in its step, and could not do it itself", async () => {
    const polling =
      "- circleback/trigger-and-wait: { name: trigger, project: gh/acme/lib, cancel-child: true, context: circleback }";
    const report = await runLoop(
      {
        "gh/acme/app": parent([polling]),
        "gh/acme/lib": child(callBack),
        "gh/acme/ops": sweeper(
          "- circleback/sweep: { name: sweep, projects: gh/acme/app, context: circleback }",
        ),
      },
      `
faults: [{ method: POST, path: /api/v2/workflow/*/cancel, job: trigger, then: { status: 403 } }]
events:
  - { on: { project: gh/acme/lib, job: gate, status: on_hold }, delay: 4s, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, ${sweepNow} }
`,
    );
    expect([said(report, "trigger").exit, statuses(report), sweptBy(report, "sweep").lines]).toEqual([
      6,
      {
        "gh/acme/app#1": { release: { status: "canceled", jobs: { trigger: "canceled" } } },
        "gh/acme/lib#1": {
          integration: { status: "canceled", jobs: { gate: "canceled", "circle-back": "canceled" } },
        },
        "gh/acme/ops#1": { nightly: { status: "success", jobs: { sweep: "success" } } },
      },
      [
        "gh/acme/app #1, release: gh/acme/lib #1 is being cancelled: its parent was cancelled, and `cancel-child` is set.",
        "Cancelled the workflow integration of gh/acme/lib #1.",
        "Looked at 1 pipeline of 1 project: 0 holds approved, 0 cancelled, 0 left; 1 child cancelled.",
      ],
    ]);
  });

  test("resolves each hold whose child cannot call back any more, once, and leaves those of others", async () => {
    const report = await runLoop(
      {
        "gh/acme/app": parent([
          trigger("lost"),
          trigger("closed"),
          trigger("canceled", "requires: [trigger-lost, trigger-closed]"),
          hold("lost"),
          hold("closed"),
          hold("canceled"),
          "- of-a-human: { type: approval, requires: [trigger-canceled] }",
          "- circleback/check-status: { name: check, receipts: 'lost, closed, canceled', context: circleback, requires: [hold-lost, hold-closed, hold-canceled] }",
        ]),
        "gh/acme/lost": child(callBack),
        "gh/acme/closed": child("- test: { context: closed, requires: [gate] }"),
        "gh/acme/canceled": child(callBack),
        "gh/acme/ops": sweeper(`
      - circleback/sweep: { name: rehearse, projects: gh/acme/app, dry-run: true, context: circleback }
      - circleback/sweep: { name: left, projects: gh/acme/app, context: circleback, requires: [rehearse] }
      - circleback/sweep: { name: right, projects: gh/acme/app, context: circleback, requires: [rehearse] }`),
      },
      `
contexts:
  circleback: { CIRCLE_TOKEN: token-of-the-release-bot }
  closed: { values: {}, allow: [nobody] }
faults: [{ method: POST, path: "/api/v2/workflow/*/approve/*", job: circle-back, then: { status: 403 } }]
events:
  - { on: { job: hold-canceled, status: on_hold }, do: cancel-workflow, with: { project: gh/acme/canceled } }
  - { on: { project: gh/acme/canceled, workflow: integration, status: canceled }, do: approve, with: { project: gh/acme/closed, job: gate } }
  - { on: { project: gh/acme/closed, workflow: integration, status: unauthorized }, do: approve, with: { project: gh/acme/lost, job: gate } }
  - { on: { project: gh/acme/lost, workflow: integration, status: failed }, ${sweepNow} }
`,
    );
    const place = "gh/acme/app #1, release:";
    const silent = "and has not called back";
    expect(sweptBy(report, "rehearse")).toEqual({
      exit: 0,
      lines: [
        "This is a dry run: nothing will be changed.",
        `${place} \`hold-lost\` would be approved: gh/acme/lost #1 has ended (integration is failed), ${silent}.`,
        `${place} \`hold-closed\` would be approved: gh/acme/closed #1 has ended (integration is unauthorized), ${silent}.`,
        `${place} \`hold-canceled\` would be approved: gh/acme/canceled #1 has ended (integration is canceled), ${silent}.`,
        `${place} \`of-a-human\` is left alone: no receipt names it.`,
        "Looked at 1 pipeline of 1 project: 3 holds to be approved, 0 to be cancelled, 0 left; 0 children to be cancelled.",
      ],
    });
    expect(callsOf(report, "rehearse").filter((call) => !call.startsWith("GET "))).toEqual([]);
    expect(statuses(report)["gh/acme/app#1"]?.release).toEqual({
      status: "failing",
      jobs: {
        "trigger-lost": "success",
        "trigger-closed": "success",
        "trigger-canceled": "success",
        "hold-lost": "success",
        "hold-closed": "success",
        "hold-canceled": "success",
        "of-a-human": "on_hold",
        check: "failed",
      },
    });
    const deeds = ["left", "right"].flatMap((job) => sweptBy(report, job).lines);
    for (const name of ["hold-lost", "hold-closed", "hold-canceled"]) {
      const sentences = deeds.filter((line) => line.includes(`\`${name}\``));
      expect(sentences.filter((line) => line.includes(" is approved: ")).length).toBeGreaterThanOrEqual(1);
      expect(
        sentences.filter((line) => !/ is approved(:| meanwhile: somebody else was faster)/.test(line)),
      ).toEqual([]);
    }
    const errors = said(report, "check").lines.filter((line) => line.startsWith("Error: "));
    expect([said(report, "left").exit, said(report, "right").exit, errors]).toEqual([
      0,
      0,
      [
        "Error: gh/acme/closed #1 ended unauthorized (test unauthorized); gh/acme/canceled #1 ended canceled (gate canceled). (child.failed)",
      ],
    ]);
  });

  test("cancels the children of a cancelled parent that are to be cancelled, and no others", async () => {
    const report = await runLoop(
      {
        "gh/acme/app": parent([
          trigger("kept"),
          trigger("lib", "cancel-child: true, requires: [trigger-kept]"),
          hold("kept"),
          hold("lib"),
        ]),
        "gh/acme/kept": child(callBack),
        "gh/acme/lib": child(callBack),
        "gh/acme/ops": sweeper(
          "- circleback/sweep: { name: sweep, projects: gh/acme/app, context: circleback }",
        ),
      },
      `
events:
  - { on: { job: hold-lib, status: on_hold }, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, ${sweepNow} }
`,
    );
    const { "gh/acme/kept#1": kept, "gh/acme/lib#1": lib } = statuses(report);
    expect([kept?.integration?.status, lib?.integration?.status, sweptBy(report, "sweep")]).toEqual([
      "on_hold",
      "canceled",
      {
        exit: 0,
        lines: [
          "gh/acme/app #1, release: gh/acme/lib #1 is being cancelled: its parent was cancelled, and `cancel-child` is set.",
          "Cancelled the workflow integration of gh/acme/lib #1.",
          "Looked at 1 pipeline of 1 project: 0 holds approved, 0 cancelled, 0 left; 1 child cancelled.",
        ],
      },
    ]);
  });

  test("does what the child's `on-failure` would have done, and reports projects that it cannot see", async () => {
    const careful = (wish: string) =>
      child(
        callBack
          .replace("requires: [gate]", `on-failure: ${wish}, requires: [test]`)
          .concat("\n      - test: { requires: [gate] }"),
      );
    const report = await runLoop(
      {
        "gh/acme/app": parent([
          trigger("ended"),
          trigger("left", "requires: [trigger-ended]"),
          hold("ended"),
          hold("left"),
        ]),
        "gh/acme/ended": careful("cancel"),
        "gh/acme/left": careful("leave"),
        "gh/acme/ops": sweeper(
          "- circleback/sweep: { name: sweep, projects: 'gh/acme/ghost, gh/acme/app', context: circleback }",
        ),
      },
      `
events:
  - { on: { job: hold-left, status: on_hold }, do: cancel-workflow, with: { project: gh/acme/ended } }
  - { on: { project: gh/acme/ended, workflow: integration, status: canceled }, do: cancel-workflow, with: { project: gh/acme/left } }
  - { on: { project: gh/acme/left, workflow: integration, status: canceled }, ${sweepNow} }
`,
    );
    const { exit, lines } = sweptBy(report, "sweep");
    expect([
      exit,
      jobOf(report, "hold-ended").status,
      jobOf(report, "hold-left").status,
      lines.slice(1, 5),
    ]).toEqual([
      5,
      "canceled",
      "on_hold",
      [
        "gh/acme/app #1, release: `hold-ended` is cancelled: gh/acme/ended #1 has ended (integration is canceled), and has not called back.",
        "gh/acme/app #1, release: `hold-left` is left as it is: gh/acme/left #1 has ended (integration is canceled), and has not called back; its `on-failure: leave` asks for a human.",
        "Looked at 1 pipeline of 1 project: 0 holds approved, 1 cancelled, 1 left; 0 children cancelled.",
        "Error: Not everything could be swept: gh/acme/ghost. (circleci.not-found)",
      ],
    ]);
  });
});
