import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { jobOf, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent, postStepWorkflow } from "../../support/work-configs.ts";

const once = "max_auto_reruns: 1";

/** Of every run of the job that calls back: how it ended, and with which error. */
function callbacks(report: Report, name = "circle-back"): readonly string[] {
  return report.pipelines
    .flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs))
    .filter((job) => job.name === name)
    .flatMap(({ steps }) => steps)
    .map(({ exit_code: exit, output }) => `${exit} ${/\((\w+\.\w+)\)$/m.exec(output)?.[1] ?? "well"}`);
}

function approvals(report: Report): number {
  return report.requests.filter(({ path }) => path.includes("/approve/")).length;
}

const shapes = {
  "a last job of its own": (ends: string) =>
    child({ test: ends }, callingWorkflow("integration", ["test"], { workflow: once })),
  "a last step": (ends: string) =>
    child({ "circle-back": ends }, postStepWorkflow("integration", ["circle-back"], { workflow: once })),
};

describe.each(Object.entries(shapes))("an automatic rerun, with the callback as %s,", (_, configure) => {
  test("wakes the parent once, with the success of the second attempt", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": configure("failed,success") });
    const runs = report.pipelines[1]?.workflows.map(({ status }) => status);
    expect([runs, callbacks(report), approvals(report), report.outcome]).toEqual([
      ["failed", "success"],
      ["1 callback.early", "0 well"],
      1,
      "success",
    ]);
  });

  test("wakes the parent after the last attempt, with its failure", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": configure("failed") });
    const runs = report.pipelines[1]?.workflows.map(({ status }) => status);
    expect([runs, callbacks(report), approvals(report), report.outcome]).toEqual([
      ["failed", "failed"],
      ["1 callback.early", "0 well"],
      1,
      "failed",
    ]);
  });

  test("is not waited for where the first attempt succeeds", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": configure("success") });
    expect([callbacks(report), report.outcome]).toEqual([["0 well"], "success"]);
  });
});

test("the first attempt says why it does not wake the parent", async () => {
  const report = await playLoop({
    "gh/acme/app": parent(),
    "gh/acme/lib": child({ test: "failed" }, callingWorkflow("integration", ["test"], { workflow: once })),
  });
  const first = {
    ...report,
    pipelines: report.pipelines.slice(1).map((lib) => ({ ...lib, workflows: lib.workflows.slice(0, 1) })),
  };
  expect(said(first, "circle-back")).toEqual({
    exit: 1,
    lines: [
      "Not every job of this workflow has ended well: test failed.",
      "Error: CircleCI will run this workflow again by itself, so the parent is not woken yet. (callback.early)",
      "  - Nothing to do: this job fails on purpose, so that it runs again together with the failed ones.",
    ],
  });
});

test("five attempts are all waited for", async () => {
  const workflow = "max_auto_reruns: 5";
  const report = await playLoop({
    "gh/acme/app": parent(),
    "gh/acme/lib": child(
      { test: "failed,failed,failed,failed,failed,success" },
      callingWorkflow("integration", ["test"], { workflow }),
    ),
  });
  expect([callbacks(report).length, callbacks(report).at(-1), approvals(report), report.outcome]).toEqual([
    6,
    "0 well",
    1,
    "success",
  ]);
});

test("a rerun by hand begins no chain, so its failure wakes the parent", async () => {
  const report = await playLoop(
    {
      "gh/acme/app": parent({ trigger: "on-rerun: new" }),
      "gh/acme/lib": child(
        { test: "9000:failed" },
        callingWorkflow("integration", ["test"], { workflow: once }),
      ),
    },
    `
events:
  - { on: { project: gh/acme/lib, job: test, status: running }, delay: 1s, do: cancel-workflow }
  - { on: { project: gh/acme/lib, workflow: integration, status: canceled }, do: rerun }
`,
  );
  expect([statuses(report)["gh/acme/lib#1"], callbacks(report), approvals(report), report.outcome]).toEqual([
    {
      integration: { status: "canceled", jobs: { test: "canceled", "circle-back": "canceled" } },
      "integration#2": { status: "failed", jobs: { test: "failed", "circle-back": "success" } },
    },
    ["0 well"],
    1,
    "failed",
  ]);
});

test("under `cancel`, a first failure cancels nothing", async () => {
  const report = await playLoop({
    "gh/acme/app": parent(),
    "gh/acme/lib": child(
      { test: "failed,success" },
      callingWorkflow("integration", ["test"], { workflow: once, callback: "on-failure: cancel" }),
    ),
  });
  expect([callbacks(report), report.outcome]).toEqual([["1 callback.early", "0 well"], "success"]);
});

test("under `cancel`, a workflow that failed in calling back alone has not passed while it is run again", async () => {
  const late = postStepWorkflow("late", ["again"], { workflow: once, callback: "require-signature: true" });
  const report = await playLoop(
    {
      "gh/acme/app": parent(),
      "gh/acme/lib": child(
        { test: "40000:success", soak: "120000:success", again: "1000:success,failed" },
        callingWorkflow("integration", ["test"], { callback: "on-failure: cancel, timeout: 20m" }),
        late.replace("jobs: [", "jobs: [soak, "),
      ),
    },
    // The first attempt of `late` is seen to the end before the second is listed.
    "faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, job: circle-back, times: 99, then: { stale: 10s } }]",
  );
  const runs = report.pipelines[1]?.workflows.map(({ name, status }) => `${name} ${status}`);
  expect([runs, jobOf(report, "hold").status]).toEqual([
    ["integration success", "late failed", "late failed"],
    "canceled",
  ]);
});
