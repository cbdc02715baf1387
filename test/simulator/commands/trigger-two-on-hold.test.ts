import { expect, test } from "vitest";
import { checkHoldIsFree } from "../../../src/commands/trigger-and-wait/check-hold.ts";
import { makeNonce } from "../../../src/protocol/ticket.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { callsOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child } from "../../support/work-configs.ts";

const step = (receipt: string) =>
  `circleback/trigger-and-wait: { project: gh/acme/lib, approval-job: hold, receipt: ${receipt} }`;
const app = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  trigger: { docker: [{ image: "cimg/base:stable" }], steps: [${step("one")}, ${step("two")}] }
workflows:
  release:
    jobs:
      - trigger: { context: circleback }
      - hold: { type: approval, requires: [trigger] }
`;

test("a second step of a job that would sleep on the same approval job triggers nothing", async () => {
  const report = await playLoop({
    "gh/acme/app": app,
    "gh/acme/lib": child({ test: "success" }, callingWorkflow("integration", ["test"])),
  });
  const { exit, lines } = said(report, "trigger");
  expect([
    exit,
    lines.slice(-2),
    callsOf(report, "trigger").filter((call) => call.startsWith("POST")),
  ]).toEqual([
    2,
    [
      "Error: The approval job `hold` already waits for the child of the receipt `one`, and whichever child is first would open it. (hold.invalid)",
      "  - Give each trigger-and-wait a job, an approval job and a `receipt` of its own, and name all receipts in `receipts` of check-status.",
    ],
    ["POST /project/gh/acme/lib/pipeline 201"],
  ]);
});

const self = { job: "trigger", workflowId: "w" };

/** What the step with the receipt `two` finds in its workspace. */
function leave(name: string, hold: string, by: { readonly job: string; readonly workflowId: string }) {
  const receipt = {
    version: 1,
    receipt: name,
    project: "gh/acme/lib",
    branch: "",
    tag: "",
    nonce: makeNonce(by.workflowId, by.job, name),
    request: "r",
    ticket: "",
    sentAt: 0,
    hold,
    cancelChild: false,
    parent: {
      project: "gh/acme/app",
      pipelineId: "p",
      workflowId: by.workflowId,
      workspaceId: by.workflowId,
    },
    pipeline: null,
  };
  return createFakeHost({
    files: { [`.circleback/receipts/${name}.json`]: JSON.stringify(receipt) },
    fetch: () => Promise.reject(new Error("nothing to ask")),
  }).files;
}

test.each([
  ["its own, left by an earlier run of the step", leave("two", "hold", self)],
  ["of another hold", leave("one", "other-hold", self)],
  ["of another job", leave("one", "hold", { ...self, job: "other" })],
  ["of an earlier run of the workflow", leave("one", "hold", { ...self, workflowId: "before" })],
])("a receipt %s keeps no hold from being slept on", async (_, files) => {
  await expect(checkHoldIsFree(files, "hold", self, "two")).resolves.toBeUndefined();
});
