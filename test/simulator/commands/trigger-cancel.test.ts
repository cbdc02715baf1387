import { describe, expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { isShared } from "../../../src/protocol/earlier-child.ts";
import { Secret } from "../../../src/secret.ts";
import type { Report } from "../../../src/simulator/report/report.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { callsOf, said } from "../../support/loop.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { child, parent, pollingParent } from "../../support/work-configs.ts";

const lib = child(
  { test: "90000:success", lint: "90000:success" },
  "  one: { jobs: [test] }",
  "  two: { jobs: [lint] }",
);
const url = "https://app.circleci.com/pipelines/github/acme/lib/1";
const cancelSoon =
  "events: [{ on: { project: gh/acme/lib, job: test, status: running }, delay: 10s, do: cancel-workflow, with: { project: gh/acme/app } }]";

function childOf(report: Report): readonly (string | undefined)[] {
  return report.pipelines[1]?.workflows.map(({ status }) => status) ?? [];
}

function cancels(report: Report): readonly string[] {
  return callsOf(report, "trigger").filter((call) => call.endsWith("/cancel 202"));
}

/** How the trigger's step ended, from its error on. */
function end(report: Report) {
  const { exit, lines } = said(report, "trigger");
  return { exit, says: lines.slice(lines.findIndex((line) => line.startsWith("Error"))) };
}

describe("a job that is cancelled while it waits", () => {
  test("leaves its child alone, and says where it is", async () => {
    const report = await playLoop({ "gh/acme/app": pollingParent(), "gh/acme/lib": lib }, cancelSoon);
    expect([end(report), childOf(report), cancels(report)]).toEqual([
      {
        exit: 6,
        says: [`Error: This job was cancelled; gh/acme/lib #1 goes on by itself: ${url} (job.canceled)`],
      },
      ["success", "success"],
      [],
    ]);
  });

  test("takes its child with it where that is asked for", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent("cancel-child: true"), "gh/acme/lib": lib },
      cancelSoon,
    );
    expect([end(report), childOf(report), cancels(report)]).toEqual([
      {
        exit: 6,
        says: [`Error: This job was cancelled, and gh/acme/lib #1 with it: ${url} (job.canceled)`],
      },
      ["canceled", "canceled"],
      ["POST /workflow/one/cancel 202", "POST /workflow/two/cancel 202"],
    ]);
    expect(said(report, "trigger").lines.slice(-3, -1)).toEqual([
      "Cancelled the workflow one of gh/acme/lib #1.",
      "Cancelled the workflow two of gh/acme/lib #1.",
    ]);
  });

  test("takes its child with it where it was to sleep on a hold and had not got there yet", async () => {
    const slow =
      "faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, job: trigger, then: { delay: 20s } }]";
    const report = await playLoop(
      { "gh/acme/app": parent({ trigger: "cancel-child: true" }), "gh/acme/lib": lib },
      `${cancelSoon}\n${slow}`,
    );
    expect([end(report).exit, childOf(report), statuses(report)["gh/acme/app#1"]?.release?.status]).toEqual([
      6,
      ["canceled", "canceled"],
      "canceled",
    ]);
  });

  test.each([
    ["the answer to its trigger is late", "delay: 30s, after: accepted"],
    ["the answer to its trigger is lost", "status: 502, after: accepted"],
  ])("takes its child with it where %s", async (_, then) => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent("cancel-child: true"), "gh/acme/lib": lib },
      `
faults:
  - { method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { ${then} } }
  - { method: GET, path: /api/v2/project/gh/acme/lib/pipeline, then: { stale: 60s } }
events: [{ on: { project: gh/acme/lib, job: test, status: running }, do: cancel-workflow, with: { project: gh/acme/app } }]
`.replace(then.startsWith("delay") ? /^.*stale.*\n/m : /^$/, ""),
    );
    expect([end(report), childOf(report)]).toEqual([
      { exit: 6, says: [`Error: This job was cancelled, and gh/acme/lib #1 with it: ${url} (job.canceled)`] },
      ["canceled", "canceled"],
    ]);
  });

  test("says so where the service refuses to cancel", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent("cancel-child: true"), "gh/acme/lib": lib },
      `${cancelSoon}\nfaults: [{ method: POST, path: /api/v2/workflow/*/cancel, times: 9, then: { status: 403 } }]`,
    );
    expect(end(report).says[0]).toBe(
      `Error: This job was cancelled; its child could not be, so gh/acme/lib #1 goes on by itself: ${url} (job.canceled)`,
    );
  });
});

describe("a child that takes too long", () => {
  const late = [
    "Error: Not at an end after 30s: gh/acme/lib #1 (one is running, two is running, ",
    `${url}). (wait.timeout)`,
  ].join("");

  test("goes on when the time is up, which fails the job", async () => {
    const report = await playLoop({ "gh/acme/app": pollingParent("timeout: 30s"), "gh/acme/lib": lib });
    expect([end(report), childOf(report), cancels(report)]).toEqual([
      {
        exit: 8,
        says: [
          late,
          "  - A workflow that is `on_hold` waits for somebody to approve it.",
          "  - Give it more time with `timeout`; the child itself goes on.",
        ],
      },
      ["success", "success"],
      [],
    ]);
  });

  test("is cancelled where that is asked for", async () => {
    const report = await playLoop({
      "gh/acme/app": pollingParent("timeout: 30s, cancel-on-timeout: true"),
      "gh/acme/lib": lib,
    });
    expect([end(report), childOf(report), cancels(report).length]).toEqual([
      {
        exit: 8,
        says: [late, "  - Give it more time with `timeout`; it was cancelled, as `cancel-on-timeout` asks."],
      },
      ["canceled", "canceled"],
      2,
    ]);
  });

  test("is late in any case, also where it cannot be cancelled", async () => {
    const report = await playLoop(
      { "gh/acme/app": pollingParent("timeout: 30s, cancel-on-timeout: true"), "gh/acme/lib": lib },
      "faults: [{ method: POST, path: /api/v2/workflow/*/cancel, then: { status: 403 } }]",
    );
    expect([end(report).exit, said(report, "trigger").lines.at(-3)]).toEqual([
      8,
      expect.stringContaining("Warning: The child could not be cancelled: release-bot may not do this: POST"),
    ]);
  });

  const cancels1 = "method: POST, path: /api/v2/workflow/*/cancel";
  const hasty = pollingParent("timeout: 30s, cancel-on-timeout: true");

  test("is cancelled, and said to be, where the answer to that is lost", async () => {
    const report = await playLoop(
      { "gh/acme/app": hasty, "gh/acme/lib": lib },
      `faults: [{ ${cancels1}, times: 2, then: { drop: true, after: accepted } }]`,
    );
    const { lines } = said(report, "trigger");
    expect([
      childOf(report),
      lines.filter((line) => /cancel/i.test(line) && !line.startsWith("Error")),
    ]).toEqual([
      ["canceled", "canceled"],
      [
        "The workflow one of gh/acme/lib #1 is canceled.",
        "The workflow two of gh/acme/lib #1 is canceled.",
        "  - Give it more time with `timeout`; it was cancelled, as `cancel-on-timeout` asks.",
      ],
    ]);
  });

  test("is not said to be cancelled where the service will not do it", async () => {
    const report = await playLoop(
      { "gh/acme/app": hasty, "gh/acme/lib": lib },
      `faults: [{ ${cancels1}, times: 99, then: { status: 400 } }]`,
    );
    const { exit, lines } = said(report, "trigger");
    expect([exit, childOf(report), lines.filter((line) => /cancel/i.test(line))]).toEqual([
      8,
      ["success", "success"],
      [
        "Warning: CircleCI was asked to cancel a workflow, and answered 400: one of gh/acme/lib #1 is running.",
        "Warning: CircleCI was asked to cancel a workflow, and answered 400: two of gh/acme/lib #1 is running.",
        `  - Look at ${url}: CircleCI does not show that it is cancelled, as \`cancel-on-timeout\` asks.`,
      ],
    ]);
  });

  test("is looked at after 5 s, and ever more seldom, at last every 30 s", async () => {
    const long = child({ test: "600000:success" }, "  one: { jobs: [test] }");
    const report = await playLoop({ "gh/acme/app": pollingParent(), "gh/acme/lib": long });
    const times = report.requests
      .filter(({ path }) => path.endsWith("/workflow"))
      .slice(1)
      .map(({ at_ms: at }) => at);
    const pauses = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1000));
    expect(pauses.slice(0, 8)).toEqual([5, 8, 11, 17, 25, 30, 30, 30]);
  });

  test("may end in other ways than success, where those are named", async () => {
    const ending = child({ test: "failed" }, "  one: { jobs: [test] }");
    const report = await playLoop({
      "gh/acme/app": pollingParent('success-on: "success, failed"'),
      "gh/acme/lib": ending,
    });
    expect([said(report, "trigger").exit, report.outcome]).toEqual([0, "success"]);
  });

  test("may fail where that is only to be shown", async () => {
    const ending = child({ test: "failed" }, "  one: { jobs: [test] }");
    const report = await playLoop({ "gh/acme/app": pollingParent("soft-fail: true"), "gh/acme/lib": ending });
    expect([said(report, "trigger").exit, said(report, "trigger").lines.at(-1)]).toEqual([
      0,
      "Warning: gh/acme/lib #1 ended failed (test failed). This job succeeds all the same (`soft-fail`).",
    ]);
  });

  test.each([
    ["one", 0],
    ["o*", 0],
    ["two", 1],
    ["", 1],
  ])("counts by the workflows %j alone", async (names, exit) => {
    const mixed = child(
      { test: "success", lint: "failed" },
      "  one: { jobs: [test] }",
      "  two: { jobs: [lint] }",
    );
    const report = await playLoop({
      "gh/acme/app": pollingParent(`child-workflows: "${names}"`),
      "gh/acme/lib": mixed,
    });
    expect(said(report, "trigger").exit).toBe(exit);
  });
});

describe("a child that another workflow of the pipeline has taken up", () => {
  const self = {
    job: "trigger",
    jobId: "own-job",
    workflowId: "own",
    pipelineId: "p",
    workspaceId: "own",
    nodeTotal: 1,
  };

  async function ask(status: string, childId: string, name = "release") {
    const service = createMockCircleCi();
    const host = createFakeHost({ fetch: service.fetch });
    const api = createClient(host, service.origin, new Secret("very-secret-token"));
    const workflow = (id: string, state: string, name = "release") => ({
      id,
      name,
      project_slug: "gh/acme/app",
      pipeline_id: "p",
      pipeline_number: 1,
      status: state,
      created_at: "2026-01-01T00:00:00Z",
    });
    service.answer("GET", "/pipeline/p/workflow", 200, {
      items: [workflow("own", "canceled"), workflow("other", status, name)],
    });
    const isOver = status === "canceled" || name !== "release";
    if (!isOver) {
      const job = { name: "trigger", type: "build", status: "success", project_slug: "gh/acme/app" };
      service.answer("GET", "/workflow/other/job", 200, { items: [{ ...job, id: "t", job_number: 7 }] });
      service.answer("GET", "/project/gh/acme/app/7/artifacts", 200, {
        items: [{ path: "circleback/child.json", url: `${service.origin}/api/v2/receipt` }],
      });
      service.answer("GET", "/receipt", 200, JSON.stringify(receipt(childId)));
    }
    const answer = await isShared(api, host, self, "child", "child-1");
    service.assertAllUsed();
    return answer;
  }

  function receipt(id: string) {
    const parentIds = { project: "gh/acme/app", pipelineId: "p", workflowId: "other", workspaceId: "own" };
    const request = { project: "gh/acme/lib", branch: "", tag: "", nonce: "n", request: "r", ticket: "" };
    const pipeline = { id, number: 1, url: "https://child" };
    return {
      version: 1,
      receipt: "child",
      ...request,
      sentAt: 0,
      hold: "",
      cancelChild: true,
      parent: parentIds,
      pipeline,
    };
  }

  test("is no matter of a workflow of another name that has a job of the same name", async () => {
    expect(await ask("running", "child-1", "nightly")).toBe(false);
  });

  test.each([
    ["running", "child-1", true],
    ["on_hold", "child-1", true],
    ["queued", "child-1", true],
    ["running", "child-2", false],
    ["canceled", "child-1", false],
  ])("is left to that: %s with %s", async (status, childId, answer) => {
    expect(await ask(status, childId)).toBe(answer);
  });
});
