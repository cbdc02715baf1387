import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { adviceForRerun, jobOf, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent, pollingParent } from "../../support/work-configs.ts";

/** Every run of the parent and of its children, in the order in which they began: `failed, success`. */
function runs(report: Report) {
  const [app, ...children] = report.pipelines.map(({ workflows }) =>
    workflows.map(({ status }) => status).join(", "),
  );
  return { app, children };
}

function posts(report: Report, path: string): number {
  return report.requests.filter((request) => request.method === "POST" && request.path.endsWith(path)).length;
}

const calls = (works: Readonly<Record<string, string>>) =>
  child(works, callingWorkflow("integration", Object.keys(works)));
const url = "https://app.circleci.com/pipelines/github/acme/lib/1";

/** The trigger's first run fails in a step behind the trigger, so that `from failed` runs it again. */
const stumbling = (trigger = "") =>
  parent({
    trigger: `requires: [prepare]
          post-steps: [run: "work 1000 failed,success"]
          ${trigger}`,
    more: "- prepare",
    works: { prepare: "success" },
  });
const again =
  "{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: DELAY, do: rerun-from-failed }";
const soon = `events: [${again.replace("DELAY", "1s")}]`;
const later = `events: [${again.replace("DELAY", "10m")}]`;

describe("a trigger job that runs again, from failed, finds a child that", () => {
  test.each(["reuse", "rerun-failed"])("still runs, and waits for it (%s)", async (onRerun) => {
    const report = await playLoop(
      { "gh/acme/app": stumbling(`on-rerun: ${onRerun}`), "gh/acme/lib": calls({ test: "60000:success" }) },
      soon,
    );
    expect([runs(report), posts(report, "/pipeline"), posts(report, "/rerun")]).toEqual([
      { app: "failed, success", children: ["success"] },
      1,
      0,
    ]);
    expect(said(report, "trigger")).toEqual({
      exit: 0,
      lines: [
        `gh/acme/lib #1 of an earlier run is still under way (integration is running): ${url}`,
        `gh/acme/lib #1 has started: ${url}`,
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
      ],
    });
    expect(jobOf(report, "hold")).toEqual({ status: "success", approved_by: "release-bot" });
  });

  test("still runs, also where the trigger is the first job of its workflow", async () => {
    const app = stumbling().replace("requires: [prepare]", "").replace("- prepare", "");
    const report = await playLoop(
      { "gh/acme/app": app, "gh/acme/lib": calls({ test: "60000:success" }) },
      soon,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, success", children: ["success"] },
      1,
    ]);
  });

  test("has succeeded, and has its callback run again, which wakes the new hold", async () => {
    const report = await playLoop(
      { "gh/acme/app": stumbling(), "gh/acme/lib": calls({ test: "success" }) },
      later,
    );
    expect([runs(report), posts(report, "/pipeline"), said(report, "trigger").lines]).toEqual([
      { app: "failed, success", children: ["success, success"] },
      1,
      [
        `gh/acme/lib #1 of an earlier run ended success: ${url}`,
        "Rerunning circle-back of integration.",
        `gh/acme/lib #1 has started: ${url}`,
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
      ],
    ]);
    const [, rerun] = report.pipelines[1]?.workflows ?? [];
    const [before] = report.pipelines[1]?.workflows ?? [];
    const idOf = (name: string, workflow = rerun) => workflow?.jobs.find((job) => job.name === name)?.id;
    expect([
      idOf("test") === idOf("test", before),
      idOf("circle-back") === idOf("circle-back", before),
    ]).toEqual([true, false]);
  });

  test("has succeeded, and is known to call back although its artifacts are not listed yet", async () => {
    const report = await playLoop(
      { "gh/acme/app": stumbling(), "gh/acme/lib": calls({ test: "30000:success" }) },
      `
events:
  - { on: { project: gh/acme/lib, workflow: integration, status: success }, delay: 1s, do: rerun-from-failed, with: { project: gh/acme/app } }
faults: [{ method: GET, path: /api/v2/project/gh/acme/lib/*/artifacts, job: trigger, times: 99, then: { body: { items: [] } } }]
`,
    );
    expect([runs(report), posts(report, "/pipeline"), said(report, "trigger").lines[1]]).toEqual([
      { app: "failed, success", children: ["success, success"] },
      1,
      "Rerunning circle-back of integration.",
    ]);
  });

  test.each([
    [1, "success", 1],
    [99, "failed", 1],
  ])(
    "has succeeded, and triggers no second one where CircleCI lists no run (%d times)",
    async (times, end, posted) => {
      const report = await playLoop(
        { "gh/acme/app": stumbling(), "gh/acme/lib": calls({ test: "success" }) },
        `${later}
faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, job: trigger, then: { delay: 1ms } }, { method: GET, path: /api/v2/pipeline/*/workflow, job: trigger, times: ${times}, then: { body: { items: [] } } }]`,
      );
      expect([runs(report).app, posts(report, "/pipeline")]).toEqual([`failed, ${end}`, posted]);
    },
  );

  test("has succeeded, and triggers anew where nothing in it calls back", async () => {
    const report = await playLoop(
      { "gh/acme/app": stumbling(), "gh/acme/lib": child({ test: "success" }, "  w: { jobs: [test] }") },
      later,
    );
    expect([runs(report).children, said(report, "trigger").lines[0]]).toEqual([
      ["success", "success"],
      "gh/acme/lib #1 of an earlier run ended success, but has no job to run again, so a new one is triggered.",
    ]);
  });

  test("has failed, and triggers anew (reuse)", async () => {
    const report = await playLoop(
      { "gh/acme/app": stumbling(), "gh/acme/lib": calls({ test: "failed" }) },
      later,
    );
    expect([runs(report), said(report, "trigger").lines[0]]).toEqual([
      { app: "failed, failed", children: ["failed", "failed"] },
      "gh/acme/lib #1 of an earlier run ended failed, so a new one is triggered.",
    ]);
    expect(jobOf(report, "hold")).toEqual({ status: "success", approved_by: "release-bot" });
  });

  test("has failed, and reruns what failed and what calls back (rerun-failed)", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": stumbling("on-rerun: rerun-failed"),
        "gh/acme/lib": calls({ test: "failed,success", lint: "success" }),
      },
      later,
    );
    expect([runs(report), posts(report, "/pipeline"), said(report, "trigger").lines.slice(0, 2)]).toEqual([
      { app: "failed, success", children: ["failed, success"] },
      1,
      [
        `gh/acme/lib #1 of an earlier run ended failed: ${url}`,
        "Rerunning test, circle-back of integration.",
      ],
    ]);
    expect(jobOf(report, "hold")).toEqual({ status: "success", approved_by: "release-bot" });
  });

  test("was cancelled before it could call back, and makes no second one (rerun-failed)", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": stumbling("on-rerun: rerun-failed"),
        "gh/acme/lib": calls({ test: "60000:success" }),
      },
      `events: [{ on: { project: gh/acme/lib, job: test, status: running }, delay: 9s, do: cancel-workflow }, ${again.replace("DELAY", "10m")}]`,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, success", children: ["canceled, success"] },
      1,
    ]);
  });

  test("still runs, and triggers anew all the same (new)", async () => {
    const report = await playLoop(
      { "gh/acme/app": stumbling("on-rerun: new"), "gh/acme/lib": calls({ test: "60000:success" }) },
      soon,
    );
    expect([runs(report).children, posts(report, "/pipeline")]).toEqual([["success", "success"], 2]);
  });

  test("is still at its setup workflow, and waits for that", async () => {
    const setup = child({ choose: "600000:success" }, "  setup: { jobs: [choose] }").replace(
      "version: 2.1",
      "version: 2.1\nsetup: true",
    );
    const report = await playLoop(
      { "gh/acme/app": stumbling("start-timeout: 5s"), "gh/acme/lib": setup },
      `
events:
  - { on: { project: gh/acme/lib, job: choose, status: running }, delay: 10s, do: cancel-job, with: { project: gh/acme/app, job: trigger } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 10s, do: rerun-from-failed }
`,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "canceled, failed", children: ["success"] },
      1,
    ]);
    expect(said(report, "trigger").lines[0]).toBe(
      `gh/acme/lib #1 of an earlier run is still under way (its setup workflow): ${url}`,
    );
  });
});

describe("a step that waits by itself, and runs again, finds a child that", () => {
  const events = `
events:
  - { on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun-from-failed }
`;

  test("has failed, and triggers anew (reuse)", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent(), "gh/acme/lib": child({ test: "failed" }, "  w: { jobs: [test] }") },
      events,
    );
    expect(runs(report)).toEqual({ app: "failed, failed", children: ["failed", "failed"] });
  });

  test("was rerun by hand meanwhile and succeeded, which it takes for its own", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": pollingParent(),
        "gh/acme/lib": child({ test: "failed,success" }, "  w: { jobs: [test] }"),
      },
      `${events}  - { on: { project: gh/acme/app, workflow: release, status: failed }, do: rerun-from-failed, with: { project: gh/acme/lib } }`,
    );
    expect([runs(report), said(report, "trigger").lines[0]]).toEqual([
      { app: "failed, success", children: ["failed, success"] },
      `gh/acme/lib #1 of an earlier run ended success: ${url}`,
    ]);
  });

  test("has failed, and reruns what failed (rerun-failed)", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": pollingParent("on-rerun: rerun-failed"),
        "gh/acme/lib": child({ test: "failed,success" }, "  w: { jobs: [test] }"),
      },
      events,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, success", children: ["failed, success"] },
      1,
    ]);
  });

  test.each([
    ["and takes the result of the rerun, which is listed late", "3s", "success", 0],
    ["and takes no old result for that of a rerun that is not listed", "70s", "failed", 4],
  ])("has failed, and reruns what failed (rerun-failed), %s", async (_, stale, end, exit) => {
    const report = await playLoop(
      {
        // It has itself been listed for a while when it looks.
        "gh/acme/app": pollingParent("on-rerun: rerun-failed").replace("1000 success", "80000 success"),
        "gh/acme/lib": child({ test: "30000:failed,success" }, "  w: { jobs: [test] }"),
      },
      `${events.replace("1m", "5m").replace("rerun-from-failed", "rerun")}faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, times: 99, then: { stale: ${stale} } }]`,
    );
    expect([runs(report), posts(report, "/rerun")]).toEqual([
      { app: `failed, ${end}`, children: ["failed, success"] },
      1,
    ]);
    expect(said(report, "trigger").exit).toBe(exit);
  });

  test("was only just made when its job was cancelled, which left no receipt, and attaches to it", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent(), "gh/acme/lib": calls({ test: "90000:success" }) },
      `
faults: [{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { delay: 30s, after: accepted } }]
events:
  - { on: { project: gh/acme/lib, job: test, status: running }, delay: 10s, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 10s, do: rerun }
`,
    );
    const first = report.pipelines[0]?.workflows[0]?.jobs.find(({ name }) => name === "trigger");
    expect([
      first?.artifacts,
      runs(report),
      posts(report, "/pipeline"),
      said(report, "trigger").lines[0],
    ]).toEqual([
      [],
      { app: "canceled, success", children: ["success"] },
      1,
      `gh/acme/lib #1 of an earlier run is still under way (integration is running): ${url}`,
    ]);
  });

  test("went on when its job was cancelled, after the receipt was stored, and attaches to it", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent(), "gh/acme/lib": calls({ test: "90000:success" }) },
      `
events:
  - { on: { project: gh/acme/lib, job: test, status: running }, delay: 10s, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 10s, do: rerun-from-failed }
`,
    );
    const jobs = report.pipelines[0]?.workflows[0]?.jobs;
    const first = jobs?.find(({ name }) => name === "trigger");
    expect([
      first?.artifacts.map(({ path }) => path),
      runs(report),
      posts(report, "/pipeline"),
      said(report, "trigger").lines[0],
    ]).toEqual([
      ["circleback/child.json"],
      { app: "canceled, success", children: ["success"] },
      1,
      `gh/acme/lib #1 of an earlier run is still under way (integration is running): ${url}`,
    ]);
  });

  test("went on when its job was cancelled, and attaches to it also from the start", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent(), "gh/acme/lib": calls({ test: "90000:success" }) },
      `
events:
  - { on: { project: gh/acme/lib, job: test, status: running }, delay: 10s, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun }
`,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "canceled, success", children: ["success"] },
      1,
    ]);
  });

  test("belongs to the newest of several runs that left no receipt, not to one before", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": pollingParent(),
        "gh/acme/lib": child({ test: "60000:failed,success" }, "  w: { jobs: [test] }"),
      },
      `
events:
  - { on: { project: gh/acme/app, workflow: release, status: failed }, do: rerun }
  - { on: { project: gh/acme/lib, pipeline: 2, job: test, status: running }, delay: 2s, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun }
`,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, canceled, failed", children: ["failed", "failed"] },
      2,
    ]);
  });

  test("went on when its time was up, and attaches to it", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": pollingParent("timeout: 10s"),
        "gh/acme/lib": child({ test: "65000:success" }, "  w: { jobs: [test] }"),
      },
      events,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, success", children: ["success"] },
      1,
    ]);
  });
});

describe("a parent that runs again", () => {
  test("from failed after a red check judges the newest run of the same child", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": calls({ test: "failed,success" }) },
      `
events:
  - { on: { project: gh/acme/app, workflow: release, status: failed }, do: rerun-from-failed, with: { project: gh/acme/lib } }
  - { on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun-from-failed }
`,
    );
    expect([runs(report), posts(report, "/pipeline")]).toEqual([
      { app: "failed, success", children: ["failed, success"] },
      1,
    ]);
    const [first] = report.pipelines[0]?.workflows ?? [];
    const output = first?.jobs.find(({ name }) => name === "check")?.steps[0]?.output ?? "";
    expect(output).toContain(
      "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
    );
  });

  test("from failed, cancelled while the child ran, is woken by the same child", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": calls({ test: "60000:success" }) },
      `
events:
  - { on: { project: gh/acme/app, job: hold, status: on_hold }, do: cancel-workflow }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, do: rerun-from-failed }
`,
    );
    expect([runs(report), jobOf(report, "hold").status]).toEqual([
      { app: "canceled, success", children: ["success"] },
      "success",
    ]);
  });

  const fromStart = (status: string, delay = "0s") =>
    `{ on: { project: gh/acme/app, workflow: release, status: ${status} }, delay: ${delay}, do: rerun }`;
  const cancelAsleep = "{ on: { project: gh/acme/app, job: hold, status: on_hold }, do: cancel-workflow }";

  test("from the start takes up the child that runs, which wakes the new hold", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": calls({ test: "30000:success" }) },
      `events: [${cancelAsleep}, ${fromStart("canceled")}]`,
    );
    expect([runs(report), posts(report, "/pipeline"), jobOf(report, "hold").status]).toEqual([
      { app: "canceled, success", children: ["success"] },
      1,
      "success",
    ]);
  });

  test("from the start takes up the child that has succeeded, and has its callback run again", async () => {
    const failing = parent({ more: "- deploy: { requires: [check] }", works: { deploy: "failed,success" } });
    const report = await playLoop(
      { "gh/acme/app": failing, "gh/acme/lib": calls({ test: "success" }) },
      `events: [${fromStart("failed", "1m")}]`,
    );
    expect([runs(report), posts(report, "/pipeline"), said(report, "trigger").lines[1]]).toEqual([
      { app: "failed, success", children: ["success, success"] },
      1,
      "Rerunning circle-back of integration.",
    ]);
  });

  test.each([
    ["reuse", { app: "failed, failed", children: ["failed", "failed"] }],
    ["rerun-failed", { app: "failed, success", children: ["failed, success"] }],
    ["new", { app: "failed, failed", children: ["failed", "failed"] }],
  ])("from the start does with a failed child what `on-rerun: %s` says", async (onRerun, end) => {
    const report = await playLoop(
      {
        "gh/acme/app": parent({ trigger: `on-rerun: ${onRerun}` }),
        "gh/acme/lib": calls({ test: "failed,success" }),
      },
      `events: [${fromStart("failed", "1m")}]`,
    );
    expect(runs(report)).toEqual(end);
  });

  test("from the start with a child of its own is not woken by the old one", async () => {
    const report = await playLoop(
      {
        "gh/acme/app": parent({ trigger: "on-rerun: new" }),
        "gh/acme/lib": calls({ test: "30000:success", slow: "1000:success" }),
      },
      `
events:
  - ${cancelAsleep}
  - ${fromStart("canceled")}
  - { on: { project: gh/acme/lib, pipeline: 2, job: test, status: running }, do: cancel-workflow }
`,
    );
    expect([runs(report), jobOf(report, "hold").status]).toEqual([
      { app: "canceled, on_hold", children: ["success", "canceled"] },
      "on_hold",
    ]);
    const old = { ...report, pipelines: report.pipelines.slice(0, 2) };
    expect(said(old, "circle-back")).toEqual({
      exit: 0,
      lines: [
        "All other jobs of this workflow have ended well.",
        "Nothing waits for this pipeline any more (`hold` is canceled), so there is nothing to wake: https://circleci.com/workflow-run/release",
        adviceForRerun,
      ],
    });
  });

  test("by itself takes up the child that its first attempt has triggered", async () => {
    const app = stumbling().replace("  release:\n", "  release:\n    max_auto_reruns: 1\n");
    const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": calls({ test: "60000:success" }) });
    expect([runs(report), statuses(report)["gh/acme/app#1"]?.["release#2"]?.jobs]).toEqual([
      { app: "failed, success", children: ["success"] },
      { prepare: "success", trigger: "success", hold: "success", check: "success", ship: "success" },
    ]);
  });
});
