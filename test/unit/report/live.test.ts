import { describe, expect, it } from "vitest";
import { listChanges } from "../../../src/simulator/report/live-changes.ts";
import { drawTree } from "../../../src/simulator/report/live-tree.ts";
import type { Report } from "../../../src/simulator/report/report.ts";
import {
  cutText,
  type Line,
  measureText,
  piece,
  writeLine,
} from "../../../src/simulator/report/terminal-line.ts";
import { failingChild, fivePipelines, parentAndChild, sampleReport } from "../../support/sample-report.ts";
import type { SampleJob, SampleWorkflow } from "../../support/sample-state.ts";

function read(lines: readonly Line[], width = 200): readonly string[] {
  return lines.map((line) => writeLine(line, { width, hasColor: false }));
}

function moment(
  until: number,
  workflow: Omit<SampleWorkflow, "name">,
  requests: Report["requests"] = [],
): Report {
  return sampleReport({
    until,
    requests,
    pipelines: [{ project: "gh/acme/app", workflows: [{ name: "release", ...workflow }] }],
  });
}

const build = { name: "build", status: "success", from: 100, to: 1300 } as const satisfies SampleJob;

describe("drawTree", () => {
  it("shows pipelines, workflows and jobs, what they do and what it costs", () => {
    const report = moment(5500, {
      status: "running",
      jobs: [
        build,
        { name: "wait-for-integration", type: "approval", status: "on_hold", from: 1300 },
        {
          name: "docs",
          status: "running",
          from: 5000,
          steps: [
            ["Install", ""],
            ["Write", "", null],
          ],
        },
        { name: "deploy", status: "blocked" },
      ],
    });
    expect(read(drawTree(report, { width: 100, height: 40 }))).toEqual([
      "gh/acme/app #1  main",
      "└─ release                    running    5.5 s",
      "   ├─ ✓ build                 success    1.2 s",
      "   ├─ ‖ wait-for-integration  on_hold    4.2 s   asleep, unpaid",
      "   ├─ ● docs                  running    0.5 s   Write",
      "   └─ ○ deploy                blocked",
      "00:05.5  paid 1.7 s of compute, asleep 3.7 s unpaid, 0 API calls",
    ]);
  });

  it("shows a pipeline that has no workflow, and why", () => {
    expect(read(drawTree(failingChild(), { width: 100, height: 40 })).slice(-3, -1)).toEqual([
      "gh/acme/broken #1  main  errored",
      "   workflows.main.jobs.0: job `tset` is not defined",
    ]);
  });

  it("tells the runs of a workflow apart", () => {
    const workflows = [
      { name: "release", status: "failed", until: 10, jobs: [] },
      { name: "release", status: "running", at: 10, jobs: [] },
    ] as const;
    const report = sampleReport({ until: 20, pipelines: [{ project: "gh/acme/app", workflows }] });
    expect(read(drawTree(report, { width: 80, height: 40 })).slice(1, 3)).toEqual([
      "├─ release            failed     10 ms",
      "└─ release (run 2)    running    10 ms",
    ]);
  });

  it("folds what is over when the terminal is low, then what has not begun, then the rest", () => {
    const jobs = [
      build,
      { name: "deploy", status: "running", from: 1300 },
      { name: "announce", status: "blocked" },
    ] as const;
    const workflows = [
      { name: "checks", status: "success", until: 900, jobs: [build, { ...build, name: "lint" }] },
      { name: "release", status: "running", jobs },
    ] as const;
    const report = sampleReport({ until: 2000, pipelines: [{ project: "gh/acme/app", workflows }] });
    const draw = (height: number) => read(drawTree(report, { width: 80, height })).slice(1, -1);
    const [checks, release] = [
      "├─ checks             success    0.9 s",
      "└─ release            running    2 s",
    ];
    const [built, deploys, last] = [
      "   ├─ ✓ build         success    1.2 s",
      "   ├─ ● deploy        running    0.7 s",
      "   └─ ● deploy        running    0.7 s",
    ];
    expect(draw(9)).toEqual([
      checks,
      "│  ├─ ✓ build         success    1.2 s",
      "│  └─ ✓ lint          success    1.2 s",
      release,
      built,
      deploys,
      "   └─ ○ announce      blocked",
    ]);
    expect(draw(8)).toEqual([
      `${checks}  2 jobs not shown`,
      release,
      built,
      deploys,
      "   └─ ○ announce      blocked",
    ]);
    expect(draw(6)).toEqual([`${checks}  2 jobs not shown`, `${release}  1 jobs not shown`, built, last]);
    expect(draw(4)).toEqual([`${checks}  2 jobs not shown`, "… 3 more lines"]);
  });

  it("never needs more lines or columns than there are", () => {
    for (const report of [parentAndChild(), failingChild(), fivePipelines()]) {
      for (const height of [1, 2, 3, 5, 10, 20, 60]) {
        for (const width of [1, 10, 25, 40, 80]) {
          const lines = read(drawTree(report, { width, height }), width);
          expect(lines.length).toBeLessThanOrEqual(height);
          expect(Math.max(...lines.map(measureText))).toBeLessThanOrEqual(width);
        }
      }
    }
  });
});

describe("listChanges", () => {
  const hold = { name: "wait", type: "approval" } as const;
  const first = moment(0, {
    status: "running",
    jobs: [
      { name: "build", status: "queued" },
      { ...hold, status: "blocked" },
    ],
  });
  const second = moment(3299, {
    status: "on_hold",
    jobs: [build, { ...hold, status: "on_hold", from: 1300 }],
  });
  const third = moment(65_000, {
    status: "success",
    until: 65_000,
    jobs: [build, { ...hold, status: "success", from: 1300, to: 65_000, approvedBy: "release-bot" }],
  });

  it("says what is new", () => {
    expect(read(listChanges(null, first))).toEqual([
      "00:00.0  gh/acme/app #1  triggered by release-bot on main",
      "00:00.0  gh/acme/app #1 release  running",
      "00:00.0  gh/acme/app #1 release / build  queued",
    ]);
  });

  it("says what has become of what, and how long it took", () => {
    expect(read(listChanges(first, second))).toEqual([
      "00:03.2  gh/acme/app #1 release  running → on_hold",
      "00:03.2  gh/acme/app #1 release / build  queued → success (1.2 s)",
      "00:03.2  gh/acme/app #1 release / wait  blocked → on_hold",
    ]);
    expect(read(listChanges(second, third))).toEqual([
      "01:05.0  gh/acme/app #1 release  on_hold → success",
      "01:05.0  gh/acme/app #1 release / wait  on_hold → success (asleep 1 min 04 s, approved by release-bot)",
    ]);
  });

  it("is silent when nothing has changed", () => {
    expect(listChanges(second, second)).toEqual([]);
  });

  it("says why a pipeline is in error, once", () => {
    const errors = [{ type: "config", message: "no such job" }] as const;
    const at = (state: "pending" | "errored") =>
      sampleReport({
        until: 100,
        pipelines: [{ project: "gh/acme/app", state, errors: state === "errored" ? [...errors] : [] }],
      });
    expect(read(listChanges(at("pending"), at("errored")))).toEqual([
      "00:00.1  gh/acme/app #1  pending → errored",
      "00:00.1  gh/acme/app #1  error: no such job",
    ]);
    expect(listChanges(at("errored"), at("errored"))).toEqual([]);
  });
});

describe("writeLine", () => {
  it("colours what is left after the cut", () => {
    const line = [piece("build "), piece("success", "good"), piece(" 1.2 s", "quiet")];
    expect(writeLine(line, { width: 80, hasColor: true })).toBe(
      "build \u001b[32msuccess\u001b[0m\u001b[2m 1.2 s\u001b[0m",
    );
    expect(writeLine(line, { width: 10, hasColor: true })).toBe("build \u001b[32msuc…\u001b[0m");
    expect(writeLine(line, { width: 10, hasColor: false })).toBe("build suc…");
  });

  it("obeys nothing that a name says", () => {
    expect(writeLine([piece("a\u001b[2J\nb")], { width: 80, hasColor: true })).toBe("a b");
  });

  it("knows that some characters take two columns and some none", () => {
    expect(["abc", "日本語", "🚀", "e\u0301", "✓‖●"].map(measureText)).toEqual([3, 6, 2, 1, 3]);
    expect([cutText("日本語", 5), cutText("日本語", 6), cutText("abc", 0)]).toEqual(["日本…", "日本語", ""]);
  });
});
