import { describe, expect, test } from "vitest";
import { callsOf, child, jobOf, openGateOn, parent, runLoop, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

const approved = { exit: 0, lines: ["Approved `hold`: the parent goes on, /workflow-run/release"] };

describe.concurrent("the callback", () => {
  test("approves the hold that the ticket names, once, and the parent goes on", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child({ gate: true }) },
      `events: [${openGateOn("on_hold")}]`,
    );
    expect([statuses(report), said(report, "circle-back"), jobOf(report, "hold")]).toEqual([
      {
        "gh/acme/app#1": {
          release: { status: "success", jobs: { trigger: "success", hold: "success", ship: "success" } },
        },
        "gh/acme/lib#1": {
          integration: { status: "success", jobs: { gate: "success", "circle-back": "success" } },
        },
      },
      approved,
      { status: "success", approved_by: "release-bot" },
    ]);
    expect(callsOf(report, "circle-back").slice(0, 3)).toEqual([
      "GET /workflow/release/job 200",
      "POST /workflow/release/approve/hold 202",
      "GET /workflow/release/job 200",
    ]);
  });

  test("waits for a hold that is blocked because the parent's trigger job is still ending", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ trigger: "post-steps: [run: sleep 2]" }),
      "gh/acme/lib": child(),
    });
    const calls = callsOf(report, "circle-back");
    expect([report.outcome, said(report, "circle-back")]).toEqual(["success", approved]);
    expect(calls.indexOf("POST /workflow/release/approve/hold 202")).toBeGreaterThan(1);
    expect(calls.filter((call) => call.startsWith("POST"))).toHaveLength(1);
  });

  test("gives up when the hold does not open in time", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ trigger: "post-steps: [run: sleep 4]" }),
      "gh/acme/lib": child({ timeout: "1s" }),
    });
    expect([jobOf(report, "hold").status, said(report, "circle-back")]).toEqual([
      "on_hold",
      {
        exit: 8,
        lines: [
          "Error: `hold` could not be approved within 1s: it is blocked. (wait.timeout)",
          "  - A blocked hold waits for the job that it requires: look at the parent.",
          "  - Wait longer with `timeout`.",
        ],
      },
    ]);
  });

  test("finds the hold behind several pages of jobs", async () => {
    const pads = Array.from({ length: 45 }, (_, index) => `pad-${index}`);
    const more = pads.map((name) => `- ${name}: { type: no-op }`).join("\n      ");
    const report = await runLoop(
      { "gh/acme/app": parent({ more }), "gh/acme/lib": child({ gate: true }) },
      `events: [${openGateOn("on_hold")}]`,
    );
    const calls = callsOf(report, "circle-back").map((call) => call.replace(/=[^ ]+/, "=…"));
    expect([report.outcome, said(report, "circle-back"), calls.slice(0, 4)]).toEqual([
      "success",
      approved,
      [
        "GET /workflow/release/job 200",
        "GET /workflow/release/job?page-token=… 200",
        "GET /workflow/release/job?page-token=… 200",
        "POST /workflow/release/approve/hold 202",
      ],
    ]);
  });

  test("is content with a hold that somebody has approved before", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child({ gate: true }) },
      `
events:
  - { on: { job: hold, status: on_hold }, do: approve, with: { as: ada } }
  - ${openGateOn("success")}
`,
    );
    expect([report.outcome, jobOf(report, "hold"), said(report, "circle-back")]).toEqual([
      "success",
      { status: "success", approved_by: "ada" },
      {
        exit: 0,
        lines: ["`hold` is already approved, so there is nothing left to do: /workflow-run/release"],
      },
    ]);
    expect(callsOf(report, "circle-back")).toEqual(["GET /workflow/release/job 200"]);
  });

  test("says that the parent was cancelled meanwhile, and succeeds", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child({ gate: true }) },
      `
events:
  - { on: { job: hold, status: on_hold }, do: cancel-workflow }
  - ${openGateOn("canceled")}
`,
    );
    expect([statuses(report)["gh/acme/lib#1"], said(report, "circle-back")]).toEqual([
      { integration: { status: "success", jobs: { gate: "success", "circle-back": "success" } } },
      {
        exit: 0,
        lines: [
          "The parent has ended without waiting for this pipeline (`hold` is canceled), so there is nothing to wake: /workflow-run/release",
        ],
      },
    ]);
  });

  test("wakes the rerun of a parent that was cancelled", async () => {
    const report = await runLoop(
      {
        "gh/acme/app": parent({ trigger: "pre-steps: [run: sleep 1]" }),
        "gh/acme/lib": child({ gate: true }),
      },
      `
events:
  - { on: { project: gh/acme/app, job: hold, status: on_hold }, do: cancel-workflow }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 50ms, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    const [app, first, second] = report.pipelines;
    const circleBack = first?.workflows[0]?.jobs.find(({ name }) => name === "circle-back");
    expect(app?.workflows.map(({ status }) => status)).toEqual(["canceled", "success"]);
    expect([jobOf(report, "hold"), circleBack?.status, second?.workflows[0]?.status]).toEqual([
      { status: "success", approved_by: "release-bot" },
      "success",
      "on_hold",
    ]);
    expect(circleBack?.steps.find(({ name }) => name === "Wake the parent pipeline")?.output).toMatch(
      new RegExp(`^Approved \`hold\`: the parent goes on, .*/${app?.workflows[1]?.id}\n$`),
    );
  });
});
