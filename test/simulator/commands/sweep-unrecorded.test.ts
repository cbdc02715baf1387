import { expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { sweeper } from "../../support/failure-mode.ts";
import { callsOf, jobOf, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { child, parent } from "../../support/work-configs.ts";

/**
 * A parent that is cancelled while it asks for its child: the child is made, its trigger has stored no receipt, and
 * what the job itself tries in its last seconds fails.
 */

const project = "/api/v2/project/gh/acme/lib/pipeline";
const lateAnswer = `{ method: POST, path: ${project}, then: { delay: 60s, after: accepted } }`;
const lastWordsFail = `{ method: GET, path: ${project}, times: 9, job: trigger, then: { drop: true } }`;

const triggerIsRunning = "on: { project: gh/acme/app, job: trigger, status: running }";
const cancel = `{ ${triggerIsRunning}, delay: 5s, do: cancel-workflow }`;
const sweep =
  "{ on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 30m, do: trigger, project: gh/acme/ops }";

async function play({
  trigger = "cancel-child: true",
  work = "36000000:success",
  faults = [] as readonly string[],
  events = [] as readonly string[],
} = {}): Promise<Report> {
  const lib = child({ test: work }, "  integration: { jobs: [test] }");
  return playLoop(
    { "gh/acme/app": parent({ trigger }), "gh/acme/lib": lib, "gh/acme/ops": sweeper },
    `
faults: [${[lateAnswer, lastWordsFail, ...faults].join(", ")}]
events: [${[cancel, sweep, ...events].join(", ")}]
`,
  );
}

const childOf = (report: Report) => statuses(report)["gh/acme/lib#1"]?.integration?.status;
const artifacts = (report: Report) => report.pipelines[0]?.workflows[0]?.jobs[0]?.artifacts;

test("the child is found by its ticket, and cancelled as `cancel-child` asks; the hold never opened, and stays closed", async () => {
  const report = await play();
  expect(said(report, "sweep")).toEqual({
    exit: 0,
    lines: [
      "gh/acme/app #1, release: gh/acme/lib #1 is being cancelled: its parent was cancelled, and `cancel-child` is set. https://app.circleci.com/pipelines/github/acme/lib/1",
      "Cancelled the workflow integration of gh/acme/lib #1.",
      expect.stringMatching(/: 0 holds approved, 0 cancelled, 0 left; 1 child cancelled\.$/),
    ],
  });
  expect([childOf(report), artifacts(report), jobOf(report, "hold").status]).toEqual([
    "canceled",
    [],
    "canceled",
  ]);
});

test("a child goes on where nobody has asked to cancel it, and costs no search", async () => {
  const report = await play({ trigger: "" });
  expect([childOf(report), said(report, "sweep").exit]).toEqual(["success", 0]);
  expect(callsOf(report, "sweep").filter((call) => call.includes("/project/gh/acme/lib/pipeline"))).toEqual(
    [],
  );
});

test("one that has ended is passed over", async () => {
  const report = await play({ work: "1000:success" });
  expect([childOf(report), said(report, "sweep").lines.length]).toEqual(["success", 1]);
});

test("a job that was cancelled before it asked for a child has none", async () => {
  const early = cancel.replace("5s", "0s");
  const report = await play({ events: [early] });
  expect([statuses(report)["gh/acme/lib#1"], said(report, "sweep").lines.length]).toEqual([undefined, 1]);
});

test("a child that a rerun has taken up goes on", async () => {
  const again =
    "{ on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 10m, do: rerun }";
  const report = await play({ events: [again] });
  expect([childOf(report), said(report, "sweep").lines[1]]).toEqual([
    "success",
    "gh/acme/app #1, release: gh/acme/lib #1 is left running, although its parent was cancelled: another run of the same workflow waits for it.",
  ]);
});

test("where a pipeline of that time cannot be looked into, that is said, and nothing done", async () => {
  const values = "/api/v2/pipeline/*/values";
  const report = await play({
    faults: [`{ method: GET, path: ${values}, times: 9, job: sweep, then: { status: 404 } }`],
  });
  const { exit, lines } = said(report, "sweep");
  expect([childOf(report), exit, lines[0]]).toEqual([
    "success",
    0,
    "Warning: gh/acme/app #1, release: the pipeline of gh/acme/lib that trigger may have asked for cannot be told: #1 cannot be looked into, so it cannot be cancelled.",
  ]);
});

test("where the child's project cannot be seen, the sweep says so, and fails in the end", async () => {
  const report = await play({
    faults: [`{ method: GET, path: ${project}, times: 9, job: sweep, then: { status: 404 } }`],
  });
  const { exit, lines } = said(report, "sweep");
  expect([childOf(report), exit, lines[0]]).toEqual([
    "success",
    5,
    "Warning: gh/acme/app #1, release: the pipeline of gh/acme/lib that trigger may have asked for is in a project that cannot be seen, so it cannot be cancelled.",
  ]);
});
