import { expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { callsOf, jobOf, runLoop } from "../support/loop.ts";

/** What a plain orchestration costs in requests: a child of one job and a callback, a parent that sleeps and checks. */

const docker = 'docker: [{ image: "cimg/base:stable" }]';

const app = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          { name: trigger, project: gh/acme/lib, approval-job: hold, context: circleback }
      - hold: { type: approval, requires: [trigger] }
      - circleback/check-status: { name: check, requires: [hold], context: circleback }
`;

const lib = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
jobs:
  test: { ${docker}, steps: [run: sleep 6] }
workflows:
  integration:
    jobs:
      - test
      - circleback/approve-in-parent:
          name: circle-back
          ticket: << pipeline.parameters.circleback >>
          filters: pipeline.parameters.circleback != ""
          requires: [test: terminal]
          context: circleback
`;

/** Requests of a job; how often it looks at something that is still changing is left out. */
function phase(report: Report, job: string): readonly string[] {
  const calls = callsOf(report, job).map((call) => call);
  return calls.filter((call, index) => call !== calls[index - 1]);
}

test("a plain orchestration takes 16 requests at most, and none while the parent sleeps", async () => {
  const report = await runLoop({ "gh/acme/app": app, "gh/acme/lib": lib });
  expect([report.outcome, jobOf(report, "hold").approved_by]).toEqual(["success", "release-bot"]);
  expect({
    trigger: phase(report, "trigger"),
    callback: phase(report, "circle-back"),
    check: phase(report, "check"),
  }).toEqual({
    trigger: [
      "GET /workflow/release/job 200",
      "POST /project/gh/acme/lib/pipeline 201",
      "GET /pipeline/gh/acme/lib#1/workflow 200",
    ],
    callback: [
      "GET /workflow/integration/job 200",
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      "GET /workflow/release/job 200",
      "GET /project/gh/acme/app/1/artifacts 200",
      "GET /output/job/trigger/artifacts/0/circleback/child.json 302",
      "POST /workflow/release/approve/hold 202",
      "GET /workflow/release/job 200",
    ],
    check: [
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      "GET /workflow/release/job 200",
      "GET /workflow/integration/job 200",
      "GET /project/gh/acme/lib/1/artifacts 200",
      "GET /project/gh/acme/lib/2/artifacts 200",
    ],
  });
  expect(report.requests.length).toBeLessThanOrEqual(16);

  const [hold] = report.pipelines[0]?.workflows[0]?.jobs.filter(({ name }) => name === "hold") ?? [];
  const [callback] =
    report.pipelines[1]?.workflows[0]?.jobs.filter(({ name }) => name === "circle-back") ?? [];
  const begin = Date.parse(report.started_at);
  const [asleep, called] = [hold?.started_at, callback?.started_at].map(
    (time) => Date.parse(time ?? "") - begin,
  );
  const between = report.requests.filter(
    ({ at_ms: at }) => at > (asleep ?? Number.NaN) && at < (called ?? Number.NaN),
  );
  expect([between, (called ?? 0) - (asleep ?? 0) > 1000]).toEqual([[], true]);
});
