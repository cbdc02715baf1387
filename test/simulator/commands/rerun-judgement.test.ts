import { expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { jobOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent, pollingParent } from "../../support/work-configs.ts";

/** A job that runs again judges the child of its earlier run as check-status does. */

const url = "https://app.circleci.com/pipelines/github/acme/lib/1";
const contexts =
  "contexts: { circleback: { CIRCLE_TOKEN: token-of-the-release-bot }, old: { CIRCLE_TOKEN: expired-token-0815 } }";

/** Every run of the parent and of its children, in the order in which they began. */
function runs(report: Report): readonly string[] {
  return report.pipelines.map(({ workflows }) => workflows.map(({ status }) => status).join(", "));
}

function takesUp(report: Report): readonly string[] {
  return said(report, "trigger").lines.slice(0, 2);
}

test("a child in which only the callback failed has succeeded, and calls back once more", async () => {
  const lib = child({ test: "success" }, callingWorkflow("integration", ["test"])).replace(
    "context: circleback",
    "context: old",
  );
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib },
    `
${contexts}
events:
  - { on: { project: gh/acme/lib, workflow: integration, status: failed }, do: cancel-workflow, with: { project: gh/acme/app } }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 10s, do: rerun }
  - { on: { project: gh/acme/lib, workflow: integration, status: failed }, delay: 5m, do: approve, with: { project: gh/acme/app, job: hold } }
`,
  );
  expect([takesUp(report), runs(report)]).toEqual([
    [`gh/acme/lib #1 of an earlier run ended success: ${url}`, "Rerunning circle-back of integration."],
    ["canceled, success", "failed, failed"],
  ]);
});

const waitingForHuman = (callback = "") =>
  child(
    { test: "failed,success" },
    callingWorkflow("integration", ["test"], { callback }),
    "  manual: { jobs: [gate: { type: approval }] }",
  );
const again = "{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun }";

test.each([
  [
    "reuse",
    ["failed, failed", "failed, on_hold", "failed, on_hold"],
    "is still under way (manual is on_hold), and integration ended failed, so a new one is triggered.",
  ],
  [
    "rerun-failed",
    ["failed, success", "failed, on_hold, success"],
    `is still under way (manual is on_hold), and integration ended failed: ${url}`,
  ],
])(
  "a child of which one workflow has failed, and another waits for a human, has failed (%s)",
  async (onRerun, ends, words) => {
    const app = parent({ trigger: `on-rerun: ${onRerun}`, check: "child-workflows: integration" });
    const report = await playLoop(
      { "gh/acme/app": app, "gh/acme/lib": waitingForHuman() },
      `events: [${again}]`,
    );
    expect([runs(report), takesUp(report)[0], jobOf(report, "hold").status]).toEqual([
      ends,
      `gh/acme/lib #1 of an earlier run ${words}`,
      "success",
    ]);
  },
);

test("a child that has failed only in workflows that do not count calls back once more", async () => {
  const lib = child(
    { test: "success", nightly: "failed" },
    callingWorkflow("integration", ["test"]),
    "  other: { jobs: [nightly] }",
  );
  const app = parent({
    trigger: "child-workflows: integration",
    check: "child-workflows: integration",
    more: "- deploy: { requires: [check] }",
    works: { deploy: "failed,success" },
  });
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, `events: [${again}]`);
  expect([runs(report), takesUp(report)[1]]).toEqual([
    ["failed, success", "success, failed, success"],
    "Rerunning circle-back of integration.",
  ]);
});

test("a child of which CircleCI has skipped a job has not run, and only a new one can mend that", async () => {
  const lib = child({ slow: "60000:success" }, callingWorkflow("integration", ["slow"])).replace(
    "jobs: [slow",
    "jobs: [slow: { serial-group: lib }",
  );
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib },
    `
trigger: [{ project: gh/acme/app }, { project: gh/acme/app }, { project: gh/acme/app }]
events: [{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: 5m, do: rerun }]
`,
  );
  const skipped = report.pipelines
    .flatMap(({ workflows }) => workflows)
    .find(({ status }) => status === "failed");
  const check = skipped?.jobs.find(({ name }) => name === "check")?.steps[0]?.output ?? "";
  expect(check).toMatch(/from the start, then this job: it judges the newest run\./);
  const again = report.pipelines.flatMap(({ workflows }) => workflows[1]?.jobs ?? []);
  const output = again.find(({ name }) => name === "trigger")?.steps[0]?.output ?? "";
  expect(output).toMatch(/^gh\/acme\/lib #\d of an earlier run ended not_run, so a new one is triggered\.$/m);
});

test("a step that waits by itself does not hold it against a child that its callback had no right to run", async () => {
  const lib = child({ test: "success" }, callingWorkflow("integration", ["test"])).replace(
    "context: circleback",
    "context: locked",
  );
  const report = await playLoop(
    { "gh/acme/app": pollingParent(), "gh/acme/lib": lib },
    "contexts: { circleback: { CIRCLE_TOKEN: token-of-the-release-bot }, locked: { values: { CIRCLE_TOKEN: x }, allow: [nobody] } }",
  );
  expect([runs(report), said(report, "trigger").lines.at(-1)]).toEqual([
    ["success", "unauthorized"],
    "Warning: circle-back of gh/acme/lib #1 unauthorized in calling back; the child's own result does not hang on it.",
  ]);
});
