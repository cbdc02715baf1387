import { describe, expect, test } from "vitest";
import { adviceForRerun, callsOf, child, jobOf, openGateOn, parent, runLoop, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

const well = "All other jobs of this workflow have ended well.";
const approval = "Approved `hold`: the parent goes on, /workflow-run/release";
const approved = { exit: 0, lines: [well, approval] };

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
    expect(callsOf(report, "circle-back").slice(0, 7)).toEqual([
      "GET /workflow/integration/job 200",
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      "GET /workflow/release/job 200",
      "GET /project/gh/acme/app/1/artifacts 200",
      expect.stringMatching(/^GET \/output\/job\/trigger\/artifacts\/0\/circleback\/child\.json 30\d$/),
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
          well,
          "Error: `hold` could not be resolved within 1s: it is blocked. (wait.timeout)",
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
    expect([report.outcome, said(report, "circle-back"), calls.slice(2, 5)]).toEqual([
      "success",
      approved,
      [
        "GET /workflow/release/job 200",
        "GET /workflow/release/job?page-token=… 200",
        "GET /workflow/release/job?page-token=… 200",
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
        lines: [well, "`hold` is already approved, so there is nothing left to do: /workflow-run/release"],
      },
    ]);
    expect(callsOf(report, "circle-back").filter((call) => !call.startsWith("GET"))).toEqual([]);
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
          well,
          "Nothing waits for this pipeline any more (`hold` is canceled), so there is nothing to wake: /workflow-run/release",
          adviceForRerun,
        ],
      },
    ]);
  });

  test("wakes the rerun from failed of a parent that was cancelled while the child ran", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child({ gate: true }) },
      `
events:
  - { on: { project: gh/acme/app, job: hold, status: on_hold }, do: cancel-workflow }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun-from-failed }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 300ms, do: approve, with: { project: gh/acme/lib, job: gate } }
`,
    );
    const [app, ...children] = report.pipelines;
    expect([app?.workflows.map(({ status }) => status), children.length, jobOf(report, "hold")]).toEqual([
      ["canceled", "success"],
      1,
      { status: "success", approved_by: "release-bot" },
    ]);
    expect(said(report, "circle-back")).toEqual({
      exit: 0,
      lines: [well, "Approved `hold`: the parent goes on, /workflow-run/release#2"],
    });
  });

  test("does not wake the rerun from the start of its parent, which has a child of its own", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent({ trigger: "on-rerun: new" }), "gh/acme/lib": child({ gate: true }) },
      `
events:
  - { on: { project: gh/acme/app, job: hold, status: on_hold }, do: cancel-workflow }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun }
  - { on: { project: gh/acme/lib, pipeline: 1, job: gate, status: on_hold }, delay: 6s, do: approve }
`,
    );
    const [app, first, second] = report.pipelines;
    expect([app, first, second].map((each) => each?.workflows.map(({ status }) => status))).toEqual([
      ["canceled", "on_hold"],
      ["success"],
      ["on_hold"],
    ]);
    expect(said({ ...report, pipelines: report.pipelines.slice(0, 2) }, "circle-back")).toEqual({
      exit: 0,
      lines: [
        well,
        "Nothing waits for this pipeline any more (`hold` is canceled), so there is nothing to wake: /workflow-run/release",
        adviceForRerun,
      ],
    });
  });
});
