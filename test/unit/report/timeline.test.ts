import { expect, it } from "vitest";
import { findArrows } from "../../../src/simulator/report/arrows.ts";
import type { Report } from "../../../src/simulator/report/report.ts";
import { layOutTimeline } from "../../../src/simulator/report/timeline.ts";
import { call, parentAndChild, sampleReport, twoHours } from "../../support/sample-report.ts";
import { jobId } from "../../support/sample-state.ts";

const project = "gh/acme/app";

function layOut(report: Report) {
  return layOutTimeline(report, findArrows(report));
}

it("lists callers from outside first, then every pipeline with its workflows and their jobs", () => {
  const rows = layOut(parentAndChild()).rows.map((row) => {
    if (row.kind === "pipeline") return `${row.pipeline.project} #${row.pipeline.number}`;
    if (row.kind === "workflow") return `  ${row.name}`;
    return row.kind === "job" ? `    ${row.job.name}` : row.kind;
  });
  expect(rows).toEqual([
    "outside",
    "gh/acme/app #41",
    "  release",
    "    build",
    "    trigger-integration",
    "    wait-for-integration",
    "    check-integration",
    "    deploy",
    "gh/acme/integration #7",
    "  integration",
    "    lint",
    "    test",
    "    approve-in-parent",
  ]);
});

it("leads arrows from the calling job's row to the pipeline and to the hold", () => {
  const arrows = layOut(parentAndChild()).arrows.map(({ arrow, from, to }) => [arrow.kind, from.row, to.row]);
  expect(arrows).toEqual([
    ["trigger", 4, 8],
    ["circle-back", 12, 5],
  ]);
});

it("leaves out an arrow whose caller is no job of this run", () => {
  const report = sampleReport({
    until: 1000,
    pipelines: [{ project, at: 100 }],
    requests: [call(99, "a job of another day", `POST /project/${project}/pipeline`, 201)],
  });
  expect(layOut(report).arrows).toEqual([]);
});

it("keeps every bar on the axis, with some room at the end", () => {
  const report = sampleReport({
    until: 1000,
    pipelines: [
      {
        project,
        at: -50,
        workflows: [
          {
            name: "main",
            status: "running",
            jobs: [
              { name: "early", status: "success", from: -50, to: 515 },
              { name: "open", status: "running", from: 515 },
              { name: "never", status: "blocked" },
            ],
          },
        ],
      },
    ],
  });
  const bars = layOut(report).rows.flatMap((row) => (row.kind === "job" ? [row.bar] : []));
  expect(bars).toEqual([
    { from: 0, to: 0.5, milliseconds: 565, isOpen: false },
    { from: 0.5, to: 1000 / 1030, milliseconds: 485, isOpen: true },
    null,
  ]);
});

it("lets calls that would lie upon one another share a mark", () => {
  const caller = jobId(project, "job");
  const report = sampleReport({
    until: 10_000,
    pipelines: [
      {
        project,
        workflows: [{ name: "main", status: "success", jobs: [{ name: "job", status: "success" }] }],
      },
    ],
    requests: [
      call(5000, caller, "GET /me", 200),
      call(1050, caller, "GET /me", 200),
      call(1000, caller, "GET /me", 200),
    ],
  });
  const marks = layOut(report).rows.flatMap((row) => (row.kind === "job" ? row.calls : []));
  expect(marks.map(({ requests }) => requests.map((request) => request.at_ms))).toEqual([
    [1000, 1050],
    [5000],
  ]);
});

it("has at most a hundred marks for a job that polls for two hours, and loses no call", () => {
  const marks = layOut(twoHours()).rows.flatMap((row) => (row.kind === "job" ? row.calls : []));
  expect(marks.length).toBeLessThanOrEqual(100);
  expect(marks.flatMap(({ requests }) => requests)).toHaveLength(720);
});

it("copes with a run that took no time and did nothing", () => {
  const timeline = layOut(sampleReport({ until: 0, pipelines: [] }));
  expect(timeline).toEqual({
    axis: [
      { at: 0, label: "0", position: 0 },
      { at: 1, label: "1 ms", position: 1 / 1.03 },
    ],
    rows: [],
    arrows: [],
  });
});
