import { expect, test } from "vitest";
import { callsOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { child, parent } from "../../support/work-configs.ts";

/** A child that triggers the next one, and hands its ticket on to the guard. */
const link = (next: string, more = "") =>
  child(
    {},
    `  w: { jobs: [circleback/trigger-and-wait: { name: onwards, project: ${next}, ticket: << pipeline.parameters.circleback >>, context: circleback, ${more} }] }`,
  );

test("a child that triggers its parent is refused before it has asked for anything", async () => {
  const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": link("github/acme/app") });
  expect([said(report, "onwards"), callsOf(report, "onwards"), report.pipelines.length]).toEqual([
    {
      exit: 2,
      lines: [
        "Error: github/acme/app is already in the chain of pipelines that led to gh/acme/lib: they would trigger each other for ever. (chain.refused)",
        "  - Break the circle: a child must not trigger a project that waits for it. Nothing was triggered.",
      ],
    },
    ["GET /workflow/w 200"],
    2,
  ]);
});

test("a circle of three is found as well, and one without a hold", async () => {
  const report = await playLoop({
    "gh/acme/app": link("gh/acme/lib"),
    "gh/acme/lib": link("gh/acme/core"),
    "gh/acme/core": link("gh/acme/app"),
  });
  expect([report.pipelines.map(({ project }) => project), said(report, "onwards").exit]).toEqual([
    ["gh/acme/app", "gh/acme/lib", "gh/acme/core"],
    2,
  ]);
});

test("a chain ends at max-depth", async () => {
  const report = await playLoop({
    "gh/acme/app": link("gh/acme/lib", "max-depth: 2"),
    "gh/acme/lib": link("gh/acme/core", "max-depth: 2"),
    "gh/acme/core": link("gh/acme/end", "max-depth: 2"),
    "gh/acme/end": link("gh/acme/app"),
  });
  expect([report.pipelines.length, said(report, "onwards").lines[0]]).toEqual([
    3,
    "Error: gh/acme/end would be 3 triggers away from the first pipeline; `max-depth` is 2. (chain.refused)",
  ]);
});

test("two parents may trigger the same project", async () => {
  const report = await playLoop(
    {
      "gh/acme/app": link("gh/acme/end"),
      "gh/acme/lib": link("gh/acme/end"),
      "gh/acme/end": child({ test: "success" }, "  w: { jobs: [test] }"),
    },
    "trigger: [{ project: gh/acme/app }, { project: gh/acme/lib }]",
  );
  expect(report.pipelines.map(({ project }) => project)).toEqual([
    "gh/acme/app",
    "gh/acme/lib",
    "gh/acme/end",
    "gh/acme/end",
  ]);
});
