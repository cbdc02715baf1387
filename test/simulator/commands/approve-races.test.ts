import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { adviceForRerun, callsOf, jobOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const well = "All other jobs of this workflow have ended well.";
const link = "https://circleci.com/workflow-run/release";
const lib = (callback = "") =>
  child({ test: "9000:success" }, callingWorkflow("integration", ["test"], { callback }));

/** Answers to what the callback has asked to change. */
function posts(report: Report): readonly string[] {
  return callsOf(report, "circle-back").filter((call) => call.startsWith("POST"));
}

/** Between the callback's look at the hold and its request somebody else acts. */
function meanwhile(action: string): string {
  return `
faults: [{ method: GET, path: /api/v2/project/gh/acme/app/*/artifacts, job: circle-back, then: { delay: 5s } }]
events: [{ on: { project: gh/acme/lib, job: circle-back, status: running }, delay: 5s, do: ${action}, with: { project: gh/acme/app, job: hold, as: ada } }]
`;
}

describe("a callback and a human at the same time", () => {
  test("make one approval, and the callback says that it was done", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib() }, meanwhile("approve"));
    expect([report.outcome, jobOf(report, "hold"), posts(report), said(report, "circle-back")]).toEqual([
      "success",
      { status: "success", approved_by: "ada" },
      ["POST /workflow/release/approve/hold 400"],
      {
        exit: 0,
        lines: [
          well,
          "Warning: CircleCI answered with 400; looking again.",
          `\`hold\` is already approved, so there is nothing left to do: ${link}`,
        ],
      },
    ]);
  });

  test("leave a hold cancelled that the human has cancelled", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib() }, meanwhile("cancel-job"));
    expect([jobOf(report, "hold").status, said(report, "circle-back")]).toEqual([
      "canceled",
      {
        exit: 0,
        lines: [
          well,
          "Warning: CircleCI answered with 400; looking again.",
          `Nothing waits for this pipeline any more (\`hold\` is canceled), so there is nothing to wake: ${link}`,
          adviceForRerun,
        ],
      },
    ]);
  });

  test("leave a hold approved that a failure was to cancel", async () => {
    const failing = lib("on-failure: cancel").replace("9000 success", "9000 failed");
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": failing }, meanwhile("approve"));
    expect([jobOf(report, "hold"), posts(report), said(report, "circle-back").lines.at(-1)]).toEqual([
      { status: "success", approved_by: "ada" },
      ["POST /jobs/hold/cancel 400"],
      `\`hold\` is already approved, so there is nothing left to do: ${link}`,
    ]);
    expect(said(report, "check").exit).toBe(1);
  });
});

test("two callbacks at the same time make one approval", async () => {
  const two = child(
    { test: "3000:success", lint: "3000:success" },
    callingWorkflow("one", ["test"]),
    callingWorkflow("two", ["lint"], { callbackName: "circle-back-too" }),
  );
  const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": two });
  expect([report.outcome, said(report, "circle-back").exit, said(report, "circle-back-too").exit]).toEqual([
    "success",
    0,
    0,
  ]);
  expect(jobOf(report, "hold")).toEqual({ status: "success", approved_by: "release-bot" });
  expect(report.pipelines[0]?.workflows.length).toBe(1);
});
