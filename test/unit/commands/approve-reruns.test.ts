import { expect, test } from "vitest";
import { said } from "../../support/loop.ts";
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
