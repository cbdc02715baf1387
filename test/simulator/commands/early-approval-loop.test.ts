import { expect, test } from "vitest";
import { said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const app = parent({ check: "allow-early-approval: false" });

test("a click in an attempt that fails, and that CircleCI repeats, is no less early", async () => {
  const lib = child(
    { test: "30000:failed,success" },
    callingWorkflow("integration", ["test"], { workflow: "max_auto_reruns: 1" }),
  );
  const click =
    "events: [{ on: { project: gh/acme/app, job: hold, status: on_hold }, do: approve, with: { project: gh/acme/app, job: hold, as: ada } }]";
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, click);
  const { exit, lines } = said(report, "check");
  expect([exit, statuses(report)["gh/acme/lib#1"]?.["integration#2"]?.status, lines.at(-2)]).toEqual([
    1,
    "success",
    expect.stringMatching(
      /^Error: ada approved `hold` at .*, before gh\/acme\/lib #1 had ended \(test\)\. \(hold\.early\)$/,
    ),
  ]);
});

test("a callback's own approval is not early, though another workflow of the child goes on", async () => {
  const lib = child(
    { quick: "1000:success", slow: "60000:success" },
    callingWorkflow("one", ["quick"]),
    callingWorkflow("two", ["slow"], { callbackName: "circle-back-slowly" }),
  );
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib });
  expect([report.outcome, said(report, "check").exit]).toEqual(["success", 0]);
});

test("nor is it where the answer to its approval was lost", async () => {
  const lib = child(
    { quick: "1000:success", slow: "60000:success" },
    callingWorkflow("one", ["quick"]),
    callingWorkflow("two", ["slow"], { callbackName: "circle-back-slowly" }),
  );
  const lost =
    "faults: [{ method: POST, path: /api/v2/workflow/*/approve/*, times: 9, then: { drop: true, after: accepted } }]";
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, lost);
  expect([report.outcome, said(report, "check").exit]).toEqual(["success", 0]);
});
