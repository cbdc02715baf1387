import { describe, expect, test } from "vitest";
import { callsOf, jobOf, runLoop, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

/** The packed orb in the simulator: no hold, the step itself waits for the child, or does not wait at all. */

const docker = 'docker: [{ image: "cimg/base:stable" }]';

function parent(...parameters: readonly string[]): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          ticket-parameter: ""
          context: circleback
          ${parameters.join("\n          ")}
`;
}

/** A child with the jobs `test`, which runs the command, and `ship` after it; `nightly` runs beside them. */
function child(command: string, nightly?: string): string {
  const second = `
  nightly:
    jobs: [soak]`;
  return `
version: 2.1
jobs:
  test: { ${docker}, steps: [run: ${command}] }
  ship: { ${docker}, steps: [run: echo shipped] }
  soak: { ${docker}, steps: [run: ${nightly ?? "echo soaked"}] }
workflows:
  integration:
    jobs:
      - test
      - ship: { requires: [test] }
  ${nightly === undefined ? "" : second}
`;
}

const url = "/pipelines/github/acme/lib/1";
const triggering = ["Triggering gh/acme/lib …", `Triggered gh/acme/lib #1: ${url}`];
const started = `gh/acme/lib #1 has started: ${url}`;
const workflowUrl = `${url}/workflows/integration`;

/** The lines with single spaces, and job numbers as they come: which job gets which is up to the service. */
function plain(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/(?<=\S) +/g, " "));
}

describe.concurrent("without a hold, the step", () => {
  test("ends with the child's success, and shows its jobs", async () => {
    const report = await runLoop({ "gh/acme/app": parent(), "gh/acme/lib": child("sleep 3") });
    const { exit, lines } = said(report, "trigger");
    expect([exit, plain(lines), report.outcome]).toEqual([
      0,
      [
        ...triggering,
        started,
        "gh/acme/lib #1: integration is running",
        "gh/acme/lib #1: integration is success",
        `gh/acme/lib #1: success ${url}`,
        `  integration success ${workflowUrl}`,
        `    test success ${workflowUrl}/jobs/1`,
        `    ship success ${workflowUrl}/jobs/2`,
      ],
      "success",
    ]);
    const calls = callsOf(report, "trigger");
    expect(calls.filter((call, index) => call !== calls[index - 1])).toEqual([
      "GET /workflow/release 200",
      "POST /project/gh/acme/lib/pipeline 201",
      "GET /pipeline/gh/acme/lib#1/workflow 200", // as often as it takes
      "GET /workflow/integration/job 200",
    ]);
  });

  test("waits as long as the child runs, and fails with it, its failed jobs first", async () => {
    const report = await runLoop({ "gh/acme/app": parent(), "gh/acme/lib": child("sleep 3; exit 1") });
    const { exit, lines } = said(report, "trigger");
    expect([exit, plain(lines), jobOf(report, "trigger").status]).toEqual([
      1,
      [
        ...triggering,
        started,
        "gh/acme/lib #1: integration is running",
        "gh/acme/lib #1: integration is failed",
        `gh/acme/lib #1: failed ${url}`,
        `  ! test failed ${workflowUrl}/jobs/1`,
        `  integration failed ${workflowUrl}`,
        `    test failed ${workflowUrl}/jobs/1`,
        `    ship not_run ${workflowUrl}`,
        "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
        `  - Look at ${url}`,
        "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
      ],
      "failed",
    ]);
  });

  test("waits for every workflow of the child, and is no better than the worst", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": child("echo tested", "sleep 3; exit 1"),
    });
    const { exit, lines } = said(report, "trigger");
    expect([exit, lines.at(-3), statuses(report)["gh/acme/lib#1"]]).toEqual([
      1,
      "Error: gh/acme/lib #1 ended failed (soak failed). (child.failed)",
      {
        integration: { status: "success", jobs: { test: "success", ship: "success" } },
        nightly: { status: "failed", jobs: { soak: "failed" } },
      },
    ]);
  });

  test("gives up at its timeout, and says what the child is still at", async () => {
    const report = await runLoop({
      "gh/acme/app": parent("timeout: 1s"),
      "gh/acme/lib": child("sleep 5"),
    });
    const { exit, lines } = said(report, "trigger");
    expect([exit, lines, statuses(report)["gh/acme/lib#1"]]).toEqual([
      8,
      [
        ...triggering,
        started,
        "gh/acme/lib #1: integration is running",
        `Error: Not at an end after 1s: gh/acme/lib #1 (integration is running, ${url}). (wait.timeout)`,
        "  - A workflow that is `on_hold` waits for somebody to approve it.",
        "  - Give it more time with `timeout`; the child itself goes on.",
      ],
      { integration: { status: "success", jobs: { test: "success", ship: "success" } } },
    ]);
  });

  test("ends when its job is cancelled, and says that the child goes on", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child("sleep 4") },
      "events: [{ on: { project: gh/acme/lib, job: test, status: running }, do: cancel-job, delay: 2500ms, with: { project: gh/acme/app, job: trigger } }]",
    );
    const { exit, lines } = said(report, "trigger");
    expect([exit, lines.at(-1), statuses(report)]).toEqual([
      6,
      `Error: This job was cancelled; gh/acme/lib #1 goes on by itself: ${url} (job.canceled)`,
      {
        "gh/acme/app#1": { release: { status: "canceled", jobs: { trigger: "canceled" } } },
        "gh/acme/lib#1": {
          integration: { status: "success", jobs: { test: "success", ship: "success" } },
        },
      },
    ]);
  });

  test("does not wait with `wait: false`, and leaves a child behind that has started", async () => {
    const report = await runLoop({
      "gh/acme/app": parent("wait: false"),
      "gh/acme/lib": child("sleep 3; exit 1"),
    });
    expect([said(report, "trigger"), statuses(report)]).toEqual([
      { exit: 0, lines: [...triggering, started] },
      {
        "gh/acme/app#1": { release: { status: "success", jobs: { trigger: "success" } } },
        "gh/acme/lib#1": {
          integration: { status: "failed", jobs: { test: "failed", ship: "not_run" } },
        },
      },
    ]);
  });

  test("fails with `wait: false` too, where the child does not start", async () => {
    const report = await runLoop({
      "gh/acme/app": parent("wait: false"),
      "gh/acme/lib": child("echo tested").replace("- test\n", "- tset\n"),
    });
    const { exit, lines } = said(report, "trigger");
    expect([exit, lines.at(-2)]).toEqual([1, expect.stringContaining("job named tset")]);
  });
});

describe.concurrent("a service that falters", () => {
  test("is asked again: after a 429 when it says, after a 502 and a cut connection soon", async () => {
    const look = "{ method: GET, path: /api/v2/pipeline/*/workflow, then:";
    const report = await runLoop(
      { "gh/acme/app": parent("wait: false"), "gh/acme/lib": child("echo tested") },
      `
faults:
  - ${look} { status: 429, headers: { Retry-After: 2 } } }
  - ${look} { status: 502 } }
  - ${look} { drop: true } }
`,
    );
    const { exit, lines } = said(report, "trigger");
    const path = "GET /pipeline/gh/acme/lib#1/workflow";
    expect([exit, callsOf(report, "trigger").slice(2), report.unused]).toEqual([
      0,
      [`${path} 429`, `${path} 502`, `${path} cut`, `${path} 200`],
      { faults: [], events: [] },
    ]);
    expect(lines.map((line) => line.replace(/[\d.]+ s\.$/, "… s."))).toEqual(
      expect.arrayContaining([
        `Warning: ${path} was answered 429 (too many requests); trying again in … s.`,
        `Warning: ${path} was answered 502; trying again in … s.`,
        `Warning: ${path} got no answer (other side closed); trying again in … s.`,
      ]),
    );
    const [, , tooMany = 0, next = 0] = report.requests.map(({ at_ms }) => at_ms);
    expect(next - tooMany).toBeGreaterThanOrEqual(1950);
  });

  test("ends the step with what it answered, once asking again has no sense", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent("wait: false"), "gh/acme/lib": child("echo tested") },
      "faults: [{ method: GET, path: /api/v2/workflow/*, then: { status: 429, headers: { Retry-After: 3600 } } }]",
    );
    expect([said(report, "trigger"), callsOf(report, "trigger")]).toEqual([
      {
        exit: 4,
        lines: ['Error: GET /workflow/release was answered 429: "Too Many Requests". (circleci.failed)'],
      },
      ["GET /workflow/release 429"],
    ]);
  });
});
