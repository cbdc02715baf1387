import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { JobReport, Report } from "../../src/simulator/report/report.ts";
import { makeFolder } from "../support/folders.ts";
import { callsOf, listJobs, parent, runLoop, said } from "../support/loop.ts";
import { outputOf, statuses } from "../support/simulator.ts";
import { hasPrograms } from "../support/toolbox.ts";

const root = join(import.meta.dirname, "../..");

interface Run {
  readonly exitCode: number | null;
  readonly report: Report;
}

/** `circleback simulate run examples/<name>`, as a user does it: with the built program and the packed orb in `dist`. */
async function runExample(name: string): Promise<Run> {
  const folder = makeFolder();
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const json = join(folder, "report.json");
  const child = spawn(
    process.execPath,
    ["dist/circleback.js", "simulate", "run", `examples/${name}`, "--json", json],
    { cwd: root, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, TMPDIR: temporary } },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [exitCode, complaints] = await Promise.all([ended, text(child.stderr)]);
  if (complaints !== "") throw new Error(complaints);
  return { exitCode, report: JSON.parse(readFileSync(json, "utf8")) as Report };
}

function jobNamed(report: Report, name: string): JobReport {
  const job = listJobs(report).find((candidate) => candidate.name === name);
  if (job === undefined) throw new Error(`There is no job ${name}.`);
  return job;
}

/** Requests of jobs of the first pipeline while the hold waits. */
function callsDuring(report: Report, hold: JobReport): readonly string[] {
  const own = report.pipelines[0]?.workflows.flatMap(({ jobs }) => jobs.map(({ id }) => id)) ?? [];
  const begin = Date.parse(report.started_at);
  const [from, to] = [hold.started_at, hold.stopped_at].map((time) => Date.parse(time ?? "") - begin);
  return report.requests
    .filter(({ job, at_ms }) => job !== null && own.includes(job) && at_ms > (from ?? 0) && at_ms < (to ?? 0))
    .map(({ path }) => path);
}

function shape(path: string): string {
  return path.replace("/api/v2", "").replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "*");
}

/** The children of the original pattern, with the orb in place of their own calls. */
function child(lint: string, callback: string): string {
  const docker = 'docker: [{ image: "cimg/base:stable" }]';
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
jobs:
  lint: { ${docker}, steps: [run: "${lint}"] }
  test: { ${docker}, steps: [run: sleep 1] }
  publish-coverage: { ${docker}, steps: [run: sleep 2] }
workflows:
  test:
    jobs:
      - lint
${callback}
`;
}

const check = `
      - circleback/check-status: { name: check, context: circleback, requires: [hold] }`;

const canRunSeed = hasPrograms("curl", "jq");

describe.concurrent("the example", () => {
  test("circleback sleeps for free, is woken and deploys", async () => {
    const { exitCode, report } = await runExample("circleback/scenario.yml");
    expect([exitCode, report.outcome, report.unused, statuses(report)]).toEqual([
      0,
      "success",
      { faults: [], events: [] },
      {
        "gh/acme/app#1": {
          release: {
            status: "success",
            jobs: {
              build: "success",
              "trigger-integration": "success",
              "wait-for-integration": "success",
              "check-integration": "success",
              deploy: "success",
            },
          },
        },
        "gh/acme/integration#1": {
          integration: {
            status: "success",
            jobs: {
              "test-orders": "success",
              "test-payments": "success",
              "circle-back": "success",
            },
          },
        },
      },
    ]);
    const hold = jobNamed(report, "wait-for-integration");
    const slept = Date.parse(hold.stopped_at ?? "") - Date.parse(hold.started_at ?? "");
    expect(slept).toBeGreaterThan(1_000);
    expect([hold.approved_by, hold.compute_seconds, callsDuring(report, hold)]).toEqual([
      "release-bot",
      0,
      [],
    ]);
    // How often somebody looks at what is still changing depends on the machine.
    const looks = new Set(report.requests.map(({ job, method, path }) => `${job} ${method} ${path}`));
    expect(looks.size).toBeLessThanOrEqual(16);
    expect(report.pipelines[1]?.parameters).toEqual({
      "app-revision": expect.stringMatching(/^[0-9a-f]{40}$/),
      circleback: expect.stringMatching(/^cb1\.[\w-]+$/),
    });
  });

  test("child-fails wakes the parent all the same, which names the failed job and does not deploy", async () => {
    const { exitCode, report } = await runExample("child-fails/scenario.yml");
    expect([exitCode, report.outcome, statuses(report)]).toEqual([
      1,
      "failed",
      {
        "gh/acme/app#1": {
          release: {
            status: "failed",
            jobs: {
              "trigger-integration": "success",
              "wait-for-integration": "success",
              "check-integration": "failed",
              deploy: "not_run",
            },
          },
        },
        "gh/acme/integration#1": {
          integration: {
            status: "failed",
            jobs: { prepare: "failed", test: "not_run", "circle-back": "success" },
          },
        },
      },
    ]);
    const { exit, lines } = said(report, "check-integration");
    expect([exit, lines.slice(-3)]).toEqual([
      1,
      [
        "Error: gh/acme/integration #1 ended failed (prepare failed). (child.failed)",
        "  - Look at /pipelines/github/acme/integration/1",
        "  - Rerun the workflow of gh/acme/integration #1 from failed, then this job: it judges the newest run.",
      ],
    ]);
    expect(lines).toContain(
      "  ! prepare      failed   /pipelines/github/acme/integration/1/workflows/integration/jobs/1",
    );
  });

  test("polling waits in the step, and pays for it", async () => {
    const { exitCode, report } = await runExample("polling/scenario.yml");
    expect([exitCode, report.outcome, statuses(report), said(report, "run-integration").exit]).toEqual([
      0,
      "success",
      {
        "gh/acme/app#1": { release: { status: "success", jobs: { "run-integration": "success" } } },
        "gh/acme/integration#1": { integration: { status: "success", jobs: { test: "success" } } },
      },
      0,
    ]);
    expect(jobNamed(report, "run-integration").compute_seconds).toBeGreaterThan(3);
    expect(report.pipelines[1]?.parameters).toEqual({});
  });

  test.runIf(canRunSeed)(
    "seed reads `running` of a child that calls back from inside its workflow, and fails for nothing",
    async () => {
      const { exitCode, report } = await runExample("seed/scenario.yml");
      expect([exitCode, report.outcome, statuses(report), outputOf(report, "check-project-b")]).toEqual([
        1,
        "failed",
        {
          "gh/acme/project-a#1": {
            "build-and-release": {
              status: "failed",
              jobs: {
                "trigger-project-b": "success",
                "wait-for-project-b": "success",
                "check-project-b": "failed",
              },
            },
          },
          "gh/acme/project-b#1": {
            test: {
              status: "success",
              jobs: { lint: "success", test: "success", "publish-coverage": "success" },
            },
          },
        },
        expect.stringContaining("The triggered workflow is: running\n"),
      ]);
      expect(report.requests.map(({ method, path }) => `${method} ${shape(path)}`)).toEqual([
        "POST /project/gh/acme/project-b/pipeline",
        "GET /pipeline/*/workflow",
        "GET /workflow/*/job",
        "POST /workflow/*/approve/*",
        "GET /pipeline/*/workflow",
      ]);
    },
  );

  test.runIf(canRunSeed)("seed is never woken by a child that fails early", async () => {
    const { exitCode, report } = await runExample("seed/child-fails-early.yml");
    expect([exitCode, report.outcome, statuses(report)]).toEqual([
      1,
      "on_hold",
      {
        "gh/acme/project-a#1": {
          "build-and-release": {
            status: "on_hold",
            jobs: {
              "trigger-project-b": "success",
              "wait-for-project-b": "on_hold",
              "check-project-b": "blocked",
            },
          },
        },
        "gh/acme/project-b#1": {
          test: {
            status: "failed",
            jobs: { lint: "failed", test: "not_run", "publish-coverage": "not_run" },
          },
        },
      },
    ]);
  });

  test("of the orb with the children of the seed waits for the rest of one that calls back from inside", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ more: check }),
      "gh/acme/lib": child(
        "true",
        `
      - test:
          context: circleback
          requires: [lint]
          post-steps: [circleback/approve-in-parent: { ticket: << pipeline.parameters.circleback >> }]
      - publish-coverage: { requires: [test] }`,
      ),
    });
    const { exit, lines } = said(report, "check");
    expect([report.outcome, exit, lines.slice(0, 2)]).toEqual([
      "success",
      0,
      ["gh/acme/lib #1: test is running", "gh/acme/lib #1: test is success"],
    ]);
  });

  test("of the orb with the children of the seed is woken by one that fails early", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ more: check }),
      "gh/acme/lib": child(
        "false",
        `
      - test: { requires: [lint] }
      - publish-coverage: { requires: [test] }
      - circleback/approve-in-parent:
          name: circle-back
          ticket: << pipeline.parameters.circleback >>
          context: circleback
          requires: [lint: terminal, test: terminal, publish-coverage: terminal]`,
      ),
    });
    expect([report.outcome, said(report, "check").lines.at(-3)]).toEqual([
      "failed",
      "Error: gh/acme/lib #1 ended failed (lint failed). (child.failed)",
    ]);
    expect(callsOf(report, "circle-back")).toContain("POST /workflow/release/approve/hold 202");
  });
});
