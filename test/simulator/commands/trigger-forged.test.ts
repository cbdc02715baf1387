import { expect, test } from "vitest";
import { encodeTicket, makeNonce } from "../../../src/protocol/ticket.ts";
import type { Report } from "../../../src/simulator/report/report.ts";
import { sweeper } from "../../support/failure-mode.ts";
import { said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

/**
 * Somebody who can set the child's parameters, and who knows the parent's run, makes a pipeline in which nothing is
 * tested, with a ticket as the trigger would have sent it; then the trigger is cut short before its request is
 * answered, so that it stores no receipt.
 */

const lib = child(
  { test: "failed", nothing: "90000:success" },
  callingWorkflow("integration", ["test"], { workflow: 'when: pipeline.parameters.mode == ""' }),
  callingWorkflow("evil", ["nothing"], { workflow: 'when: pipeline.parameters.mode == "evil"' }),
);
const polling = parent()
  .replace("approval-job: hold", "")
  .replace("requires: [hold]", "requires: [trigger]")
  .replace(/- hold:.*/, "");
const signing =
  "contexts: { circleback: { CIRCLE_TOKEN: token-of-the-release-bot, CIRCLEBACK_SIGNING_SECRET: secret-that-signs-tickets } }";
const rerun = "{ on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 1m, do: rerun }";
const sweep =
  "{ on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 30m, do: trigger, project: gh/acme/ops }";

async function play(app: string, contexts: string, after: string): Promise<Report> {
  const run = (ticket: string) =>
    playLoop(
      { "gh/acme/app": app, "gh/acme/lib": lib, "gh/acme/ops": sweeper },
      `
${contexts}
faults: [{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { delay: 20s, status: 503 } }]
events:
  - { on: { project: gh/acme/app, job: trigger, status: running }, delay: 1s, do: trigger, with: { project: gh/acme/lib, parameters: { mode: evil, circleback: "${ticket}" } } }
  - { on: { project: gh/acme/lib, job: nothing, status: running }, delay: 5s, do: cancel-workflow, with: { project: gh/acme/app } }
  - ${after}
`,
    );
  // Every run has the same ids.
  const [pipeline] = (await run("")).pipelines;
  const [workflow] = pipeline?.workflows ?? [];
  if (pipeline === undefined || workflow === undefined) throw new Error("There is no parent.");
  return run(
    encodeTicket({
      parentProject: "gh/acme/app",
      pipelineId: pipeline.id,
      workflowId: workflow.id,
      workspaceId: workflow.id,
      hold: "hold",
      receipt: "child",
      childProject: "gh/acme/lib",
      nonce: makeNonce(workflow.id, "trigger", "child"),
      expires: 2_000_000_000,
      ancestors: [],
    }),
  );
}

test.each([
  ["sleeps", parent()],
  ["polls", polling],
])(
  "with a signing secret, a rerun that %s passes over a forged ticket, and triggers the child",
  async (_, app) => {
    const report = await play(app, signing, rerun);
    const { "gh/acme/app#1": runs, "gh/acme/lib#2": second } = statuses(report);
    expect([
      runs?.["release#2"]?.status,
      runs?.["release#2"]?.jobs.ship,
      second?.integration?.jobs.test,
    ]).toEqual(["failed", expect.stringMatching(/^(blocked|canceled|not_run)$/), "failed"]);
  },
);

test("without one, it refuses a pipeline that another user has triggered, and triggers nothing", async () => {
  const report = await play(parent(), "", rerun);
  const { exit, lines } = said(report, "trigger");
  expect([exit, lines.slice(0, 2), Object.keys(statuses(report))]).toEqual([
    4,
    [
      "Error: `trigger` of an earlier run ended canceled without a receipt, so it may have triggered gh/acme/lib; #1 carries its ticket, but was triggered by human, not by release-bot. (trigger.ambiguous)",
      "  - Look at that pipeline: it is the child if the token was another user's then, or the signing secret another; else somebody has copied or forged its ticket.",
    ],
    ["gh/acme/app#1", "gh/acme/lib#1"],
  ]);
});

test("a sweep cancels no such pipeline, and says why", async () => {
  const app = parent({ trigger: "cancel-child: true" });
  const report = await play(app, "", sweep);
  expect(said(report, "sweep").lines[0]).toBe(
    "Warning: gh/acme/app #1, release: the pipeline of gh/acme/lib that trigger may have asked for cannot be told: #1 carries its ticket, but was triggered by human, not by release-bot, so it cannot be cancelled.",
  );
});
