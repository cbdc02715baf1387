import { expect, test } from "vitest";
import type { WorkflowReport } from "../../src/simulator/report/report.ts";
import { runProjects, statuses } from "../support/simulator.ts";

const image = 'docker: [{ image: "cimg/base:current" }]';

const app = {
  "gh/acme/app": `
version: 2.1
parameters: { command: { type: string, default: "true" } }
jobs:
  build: { ${image}, steps: [run: echo built] }
  test: { ${image}, steps: [run: << pipeline.parameters.command >>] }
  ship: { ${image}, steps: [run: echo shipped] }
workflows:
  release:
    jobs:
      - build
      - test: { requires: [build] }
      - hold: { type: approval, requires: [test] }
      - ship: { requires: [hold] }
`,
  "gh/acme/lib": `
version: 2.1
parameters: { size: { type: integer, default: 1 } }
jobs:
  build: { ${image}, steps: [run: echo built] }
workflows:
  w: { jobs: [build] }
`,
};

function scenario(command: string, events: string): string {
  return `
trigger: [{ project: gh/acme/app, parameters: { command: ${JSON.stringify(command)} } }]
events: ${events}
`;
}

/** Whether the first job ran in this very workflow, rather than being taken over from an older run. */
function builtFor({ jobs, created_at }: WorkflowReport): boolean {
  return Date.parse(jobs[0]?.started_at ?? "") >= Date.parse(created_at);
}

test("cancels a workflow while a job runs", async () => {
  const report = await runProjects(
    app,
    scenario("sleep 60", "[{ on: { job: test, status: running }, do: cancel-workflow }]"),
  );
  expect([report.outcome, statuses(report)]).toEqual([
    "canceled",
    {
      "gh/acme/app#1": {
        release: {
          status: "canceled",
          jobs: { build: "success", test: "canceled", hold: "canceled", ship: "canceled" },
        },
      },
    },
  ]);
});

test("cancels a job", async () => {
  const report = await runProjects(
    app,
    scenario("sleep 60", "[{ on: { job: test, status: running }, do: cancel-job, delay: 100ms }]"),
  );
  const release = report.pipelines[0]?.workflows[0];
  expect(release?.jobs.map(({ name, status }) => [name, status]).slice(0, 2)).toEqual([
    ["build", "success"],
    ["test", "canceled"],
  ]);
});

test("approves a hold, in its own name", async () => {
  const report = await runProjects(
    app,
    scenario("true", "[{ on: { job: hold, status: on_hold }, do: approve, with: { as: ada } }]"),
  );
  expect([report.outcome, report.pipelines[0]?.workflows[0]?.jobs[2]?.approved_by]).toEqual([
    "success",
    "ada",
  ]);
});

test("waits until an approval is possible", async () => {
  const report = await runProjects(
    app,
    scenario("true", "[{ on: { workflow: release }, do: approve, with: { job: hold } }]"),
  );
  expect([
    report.outcome,
    report.pipelines[0]?.workflows[0]?.jobs[2]?.approved_by,
    report.unused.events,
  ]).toEqual(["success", "human", []]);
});

test("reruns a workflow from its start", async () => {
  const report = await runProjects(
    app,
    scenario("exit 1", "[{ on: { workflow: release, status: failed }, do: rerun }]"),
  );
  const run = {
    status: "failed",
    jobs: { build: "success", test: "failed", hold: "not_run", ship: "not_run" },
  };
  expect([report.outcome, statuses(report), report.pipelines[0]?.workflows.map(builtFor)]).toEqual([
    "failed",
    { "gh/acme/app#1": { release: run, "release#2": run } },
    [true, true],
  ]);
});

test("reruns from failed as often as it says", async () => {
  const report = await runProjects(
    app,
    scenario("exit 1", "[{ on: { workflow: release, status: failed }, do: rerun-from-failed, times: 2 }]"),
  );
  const runs = report.pipelines[0]?.workflows ?? [];
  expect(runs.map((run) => [run.status, run.jobs.map(({ status }) => status), builtFor(run)])).toEqual([
    ["failed", ["success", "failed", "not_run", "not_run"], true],
    ["failed", ["success", "failed", "not_run", "not_run"], false],
    ["failed", ["success", "failed", "not_run", "not_run"], false],
  ]);
});

test("triggers another project with parameters", async () => {
  const report = await runProjects(
    app,
    scenario(
      "true",
      `[
        { on: { job: build, status: success }, do: trigger, project: gh/acme/lib, with: { parameters: { size: 3 }, as: ada } },
        { on: { project: gh/acme/lib, job: build, status: success }, do: cancel-workflow, with: { project: gh/acme/app } },
      ]`,
    ),
  );
  const [, lib] = report.pipelines;
  expect([report.outcome, lib?.project, lib?.parameters, lib?.trigger.actor]).toEqual([
    "canceled",
    "gh/acme/lib",
    { size: 3 },
    "ada",
  ]);
});

test("lists the events that never took effect", async () => {
  const report = await runProjects(
    app,
    scenario(
      "exit 1",
      "[{ on: { job: ship, status: running }, do: cancel-job }, { on: { job: build, status: success }, do: approve }]",
    ),
  );
  expect(report.unused.events).toEqual([
    { on: { job: "ship", status: "running" }, do: "cancel-job" },
    { on: { job: "build", status: "success" }, do: "approve" },
  ]);
});
