import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { jobOf, listJobs, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

/**
 * A child of two workflows: `one` calls back, `manual` sleeps until somebody approves its gate. Under `cancel` and
 * `leave` the first alone may not open the hold, and must not be paid for waiting.
 */

const early =
  "Error: manual sleeps until somebody approves `gate`: the result of this pipeline cannot be known yet, and this job does not wait for that. (callback.early)";
const approved = "Approved `hold`: the parent goes on, https://circleci.com/workflow-run/release";

const callLater = (onFailure: string) =>
  `circleback/approve-in-parent: { name: call-later, requires: [{ lint: terminal }], ticket: << pipeline.parameters.circleback >>, context: circleback, on-failure: ${onFailure} }`;

const openGate = (minutes: number, act = "approve") =>
  `{ on: { project: gh/acme/lib, job: gate, status: on_hold }, delay: ${minutes}m, do: ${act}, with: { project: gh/acme/lib, job: gate } }`;

interface Child {
  readonly onFailure: string;
  /** Of the other workflow. */
  readonly jobs: string;
  readonly works?: Readonly<Record<string, string>>;
  readonly events?: readonly string[];
}

async function play({ onFailure, jobs, works = {}, events = [] }: Child) {
  const one = callingWorkflow("one", ["test"], {
    callback: `on-failure: ${onFailure}, timeout: 20h`,
  });
  const lib = child({ test: "success", lint: "success", ...works }, one, `  manual: { jobs: [${jobs}] }`);
  return playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib }, `events: [${events.join(", ")}]`);
}

const gated = "gate: { type: approval }, lint: { requires: [gate] }";

/** Seconds for which the jobs of that name ran. */
function paidFor(report: Report, name: string): number {
  return listJobs(report)
    .filter((job) => job.name === name)
    .reduce((sum, { compute_seconds: seconds }) => sum + seconds, 0);
}

describe.each(["cancel", "leave"])(
  "under `%s`, a workflow that sleeps until somebody approves",
  (onFailure) => {
    test("is not waited for: the callback fails, and the hold is as it was", async () => {
      const report = await play({ onFailure, jobs: gated });
      const { exit, lines } = said(report, "circle-back");
      expect([jobOf(report, "hold").status, exit, lines[1]]).toEqual(["on_hold", 1, early]);
      expect(paidFor(report, "circle-back")).toBeLessThan(60);
    });

    test("lets the callback open the hold when it has ended, and the callback runs again", async () => {
      const again =
        "{ on: { project: gh/acme/lib, workflow: manual, status: success }, delay: 1s, do: rerun-from-failed, with: { project: gh/acme/lib, workflow: one } }";
      const report = await play({ onFailure, jobs: gated, events: [openGate(300), again] });
      expect([said(report, "circle-back").lines.at(-1), jobOf(report, "check").status]).toEqual([
        approved,
        "success",
      ]);
      expect(paidFor(report, "circle-back")).toBeLessThan(60);
    });

    test("opens the hold by a callback of its own, to which it is left", async () => {
      for (const later of ["approve", onFailure]) {
        const jobs = `${gated}, ${callLater(later)}`;
        const report = await play({ onFailure, jobs, events: [openGate(300)] });
        expect([said(report, "circle-back"), said(report, "call-later").lines.at(-1)]).toEqual([
          {
            exit: 0,
            lines: [
              "All other jobs of this workflow have ended well.",
              "`hold` is left to the callback of manual, which has not ended: it sleeps until somebody approves.",
            ],
          },
          approved,
        ]);
        expect([report.outcome, paidFor(report, "circle-back") < 60]).toEqual(["success", true]);
      }
    });

    test("keeps the hold closed where it fails in the end", async () => {
      const jobs = `${gated}, ${callLater("approve")}`;
      const report = await play({ onFailure, jobs, works: { lint: "failed" }, events: [openGate(300)] });
      expect(jobOf(report, "hold").status).toBe(onFailure === "cancel" ? "canceled" : "on_hold");
    });

    test.each([
      ["anything else of it runs", "gate: { type: approval }, lint"],
      [
        "one of its jobs comes after one that runs",
        "gate: { type: approval }, build, lint: { requires: [build] }",
      ],
    ])("is waited for while %s", async (_, jobs) => {
      const works = { build: "9000:success", lint: "9000:failed" };
      const report = await play({ onFailure, jobs, works });
      expect([jobOf(report, "hold").status, said(report, "circle-back").exit]).toEqual([
        onFailure === "cancel" ? "canceled" : "on_hold",
        0,
      ]);
    });
  },
);

test("a workflow that has failed, and sleeps before CircleCI repeats it, is not waited for either", async () => {
  const one = callingWorkflow("one", ["test"], { callback: "on-failure: cancel" });
  const manual = "  manual: { max_auto_reruns: 1, jobs: [gate: { type: approval }, lint] }";
  const lib = child({ test: "success", lint: "failed" }, one, manual);
  const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
  expect([jobOf(report, "hold").status, said(report, "circle-back").lines[1]]).toEqual(["on_hold", early]);
});

test("the same goes for a gate in the workflow of the callback, and for a callback that another one makes careful", async () => {
  const own = callingWorkflow("manual", ["test"], { callback: "on-failure: leave" }).replace(
    "jobs: [",
    `jobs: [${gated}, `,
  );
  const works = { test: "success", lint: "success" };
  const careful = [
    callingWorkflow("one", ["test"]),
    `  manual: { jobs: [${gated}] }`,
    callingWorkflow("two", ["test"], { callback: "on-failure: leave", callbackName: "careful" }),
  ];
  for (const workflows of [[own], careful]) {
    const lib = child(works, ...workflows);
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    const { exit, lines } = said(report, "circle-back");
    expect([jobOf(report, "hold").status, exit, lines.find((line) => line.startsWith("Error"))]).toEqual([
      "on_hold",
      1,
      early,
    ]);
  }
});
