import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Clock, realClock } from "../../src/simulator/engine/clock.ts";
import { outputOf, runProjects, statuses } from "../support/simulator.ts";

const image = 'docker: [{ image: "cimg/base:current" }]';

function config(command: string): string {
  return `
version: 2.1
jobs:
  build: { ${image}, steps: [run: { name: Build, command: ${JSON.stringify(command)} }] }
workflows:
  w: { jobs: [build] }
`;
}

const once = "trigger: [{ project: gh/acme/app }]";

/** Processes of this machine whose command line contains the text. */
function processesWith(text: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  });
}

test("a waiting hold is at rest", async () => {
  const report = await runProjects(
    { "gh/acme/app": "version: 2.1\nworkflows: { w: { jobs: [hold: { type: approval }] } }" },
    once,
  );
  expect([report.outcome, statuses(report)]).toEqual([
    "on_hold",
    { "gh/acme/app#1": { w: { status: "on_hold", jobs: { hold: "on_hold" } } } },
  ]);
});

test("a scenario without triggers is at rest at once", async () => {
  const report = await runProjects({ "gh/acme/app": config("true") }, "{}");
  expect([report.outcome, report.pipelines, report.requests]).toEqual(["not_run", [], []]);
});

test("the timeout ends every process and says what was running", async () => {
  const timeout = 1_234_567;
  let ring = () => {};
  const clock: Clock = {
    now: realClock.now,
    after(delay, action) {
      if (delay !== timeout) return realClock.after(delay, action);
      ring = action;
      return () => {};
    },
  };
  const report = await runProjects(
    { "gh/acme/app": config("echo begun; sleep 6123.25 & sleep 6123.25") },
    once,
    {
      timeout,
      clock,
      onUpdate: (takeReport) => {
        if (outputOf(takeReport(), "build").includes("begun\n")) ring();
      },
    },
  );
  expect([report.outcome, statuses(report), processesWith("6123.25")]).toEqual([
    "timed_out",
    { "gh/acme/app#1": { w: { status: "running", jobs: { build: "running" } } } },
    [],
  ]);
});

test("an interrupt ends every process", async () => {
  const controller = new AbortController();
  const run = runProjects({ "gh/acme/app": config("echo begun; sleep 6124.25") }, once, {
    signal: controller.signal,
    onUpdate: (takeReport) => {
      if (outputOf(takeReport(), "build").includes("begun\n")) controller.abort(new Error("enough"));
    },
  });
  await expect(run).rejects.toThrow(new Error("enough"));
  expect(processesWith("6124.25")).toEqual([]);
});

test("two simulations at once do not meet", async () => {
  const call = `curl -sS -H "Circle-Token: secret" $CIRCLE_HOST/api/v2/me | jq -r .login; echo x > shared; ls`;
  const run = (login: string) =>
    runProjects({ "gh/acme/app": config(call) }, `tokens: { secret: { login: ${login} } }\n${once}`);
  const reports = await Promise.all([run("ada"), run("grace")]);
  expect(
    reports.map((report) => [report.outcome, outputOf(report, "build"), report.requests.length]),
  ).toEqual([
    ["success", expect.stringContaining("ada\nshared\n"), 1],
    ["success", expect.stringContaining("grace\nshared\n"), 1],
  ]);
});

test("triggers start together", async () => {
  const report = await runProjects(
    { "gh/acme/app": config("true"), "gh/acme/lib": config("false") },
    "trigger: [{ project: gh/acme/app }, { project: gh/acme/lib }, { project: gh/acme/app, as: ada }]",
  );
  expect([
    report.outcome,
    report.pipelines.map((pipeline) => [pipeline.project, pipeline.number, pipeline.trigger.actor]),
  ]).toEqual([
    "success",
    [
      ["gh/acme/app", 1, "developer"],
      ["gh/acme/lib", 1, "developer"],
      ["gh/acme/app", 2, "ada"],
    ],
  ]);
});
