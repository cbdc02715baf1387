import { describe, expect, test } from "vitest";
import { sweeper } from "../../support/failure-mode.ts";
import { adviceForRerun, jobOf, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const lib = child({ test: "40000:success" }, callingWorkflow("integration", ["test"]));

/** The parent is cancelled while it sleeps, and run again twice. */
const rerunTwice = (second: string) => `
events:
  - { on: { project: gh/acme/app, pipeline: 1, job: hold, status: on_hold }, delay: 1s, do: cancel-workflow }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: 1s, do: rerun }
  - { on: { project: gh/acme/app, workflow: release, status: canceled }, delay: ${second}, do: rerun }
`;

const well = { trigger: "success", hold: "success", check: "success", ship: "success" };

test.each([
  ["that sleep", "3s"],
  ["of which one is only about to sleep", "33s"],
])("one call wakes two reruns %s on the same child", async (_, second) => {
  const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib }, rerunTwice(second));
  expect(statuses(report)).toEqual({
    "gh/acme/app#1": {
      release: {
        status: "canceled",
        jobs: { trigger: "success", hold: "canceled", check: "canceled", ship: "canceled" },
      },
      "release#2": { status: "success", jobs: well },
      "release#3": { status: "success", jobs: well },
    },
    "gh/acme/lib#1": {
      integration: { status: "success", jobs: { test: "success", "circle-back": "success" } },
    },
  });
  const lines = said(report, "circle-back").lines.filter((line) => line.startsWith("So is "));
  expect(lines).toHaveLength(1);
});

test.each([
  ["is lost", "{ drop: true, after: accepted }"],
  ["never comes, since nothing was done", "{ drop: true }"],
  ["is 503", "{ status: 503 }"],
])("one call wakes both where the second answer %s, and neither counts as too early", async (_, effect) => {
  const approve = "method: POST, path: /api/v2/workflow/*/approve/*";
  const report = await playLoop(
    { "gh/acme/app": parent({ check: "allow-early-approval: false" }), "gh/acme/lib": lib },
    `${rerunTwice("3s")}
faults: [{ ${approve}, then: { delay: 1ms } }, { ${approve}, then: ${effect} }]`,
  );
  const { release, "release#2": second, "release#3": third } = statuses(report)["gh/acme/app#1"] ?? {};
  expect([release?.status, second?.jobs, third?.jobs]).toEqual(["canceled", well, well]);
});

describe("one call that wakes two reruns, of which the second", () => {
  const approve = "method: POST, path: /api/v2/workflow/*/approve/*";
  const wakeSecond = (then: string, times = 1) =>
    playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `${rerunTwice("3s")}faults: [{ ${approve}, then: { delay: 1ms } }, { ${approve}, times: ${times}, then: ${then} }]`,
    );
  const endOf = (report: Awaited<ReturnType<typeof wakeSecond>>) => ({
    runs: report.pipelines[0]?.workflows.map(({ status }) => status),
    lines: said(report, "circle-back").lines.flatMap((line) => /^(So is|Warning: .*)/.exec(line)?.[1] ?? []),
  });

  test.each([
    ["is refused once", "{ status: 404 }", "Warning: CircleCI answered with 404; looking again."],
    [
      "is accepted in vain",
      "{ status: 202, body: { message: Accepted. } }",
      "Warning: CircleCI accepted to approve `hold`, but does not show it; looking again.",
    ],
  ])("%s, asks once more", async (_, then, line) => {
    expect(endOf(await wakeSecond(then))).toEqual({
      runs: ["canceled", "success", "success"],
      lines: [line, "So is"],
    });
  });

  test("is refused again and again, says that it is left to a sweep", async () => {
    const { runs, lines } = endOf(await wakeSecond("{ status: 404 }", 999));
    expect([runs?.toSorted(), lines.at(-1)]).toEqual([
      ["canceled", "on_hold", "success"],
      "Warning: A rerun of the parent that sleeps on `hold`, or is about to, is left to a sweep.",
    ]);
  });
});

test("a rerun with a child of its own is not woken by another one's", async () => {
  const report = await playLoop(
    { "gh/acme/app": parent({ trigger: "on-rerun: new" }), "gh/acme/lib": lib },
    rerunTwice("33s"),
  );
  const view = statuses(report);
  expect(Object.keys(view)).toEqual(["gh/acme/app#1", "gh/acme/lib#1", "gh/acme/lib#2", "gh/acme/lib#3"]);
  const [ended, woken] = ["gh/acme/lib", "gh/acme/app"].map((project) =>
    report.pipelines
      .filter((pipeline) => pipeline.project === project)
      .flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs))
      .filter(({ name, status }) => ["test", "hold"].includes(name) && status === "success")
      .map(({ stopped_at }) => Date.parse(stopped_at ?? "")),
  );
  expect([ended?.length, woken?.length]).toEqual([3, 2]);
  expect(woken?.[0]).toBeGreaterThan(ended?.[1] ?? Number.NaN);
  expect(woken?.[1]).toBeGreaterThan(ended?.[2] ?? Number.NaN);
});

describe("a parent whose hold a failure has cancelled, and whose child passes when it is run again,", () => {
  const failing = child(
    { test: "failed,success" },
    callingWorkflow("integration", ["test"], { callback: "on-failure: cancel" }),
  );
  const isCanceled = "on: { project: gh/acme/app, workflow: release, status: canceled }";
  const runAgain = (project: string, minutes: number, how: string) => {
    const workflow = project === "app" ? "release" : "integration";
    return `{ ${isCanceled}, delay: ${minutes}m, do: ${how}, with: { project: gh/acme/${project}, workflow: ${workflow} } }`;
  };
  const parentAgain = (minutes: number, how: string) => runAgain("app", minutes, how);
  // From failed, a callback that has passed is kept.
  const childAgain = (minutes: number, how = "rerun-from-failed") => runAgain("lib", minutes, how);

  const play = (...events: readonly string[]) =>
    playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": failing, "gh/acme/ops": sweeper },
      `events: [${events.join(", ")}]`,
    );

  test.each([
    ["from its start", [childAgain(1), parentAgain(10, "rerun")]],
    [
      "from failed, and its child after that from its start",
      [parentAgain(1, "rerun-from-failed"), childAgain(10, "rerun")],
    ],
  ])("is woken where it is run again %s", async (_, events) => {
    const report = await play(...events);
    expect([report.outcome, jobOf(report, "hold")]).toEqual([
      "success",
      { status: "success", approved_by: "release-bot" },
    ]);
  });

  test("sleeps until a sweep where it is run again from failed after its child, as the callback has said", async () => {
    const events = [childAgain(1), parentAgain(10, "rerun-from-failed")];
    const without = await play(...events);
    expect([without.outcome, said(without, "circle-back").lines.at(-1)]).toEqual(["on_hold", adviceForRerun]);
    const swept = await play(...events, `{ ${isCanceled}, delay: 30m, do: trigger, project: gh/acme/ops }`);
    expect([swept.outcome, jobOf(swept, "check").status]).toEqual(["success", "success"]);
  });
});
