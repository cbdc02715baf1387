import { expect, it } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { summarize } from "../../../src/simulator/report/summary.ts";
import { writeLine } from "../../../src/simulator/report/terminal-line.ts";
import { failingChild, parentAndChild, sampleReport, twoHours } from "../../support/sample-report.ts";

function read(
  report: Report,
  secrets: readonly string[] = [],
  htmlFile: string | null = null,
): readonly string[] {
  const lines = summarize(report, { secrets, htmlFile });
  return lines.map((line) => writeLine(line, { width: Number.POSITIVE_INFINITY, hasColor: false }));
}

it("tells what a parent paid, how long it slept for nothing, and who called", () => {
  expect(read(parentAndChild(), [], "/tmp/report.html")).toEqual([
    "✓ success in 12.3 s",
    "",
    "gh/acme/app #41",
    "  ✓ release  success  12.3 s",
    "  paid 6.8 s of compute",
    "  slept 5.4 s on wait-for-integration, paid 0 s",
    "",
    "gh/acme/integration #7  triggered by gh/acme/app #41 release / trigger-integration",
    "  ✓ integration  success  6.4 s",
    "  paid 7.6 s of compute",
    "",
    "11 API calls",
    "   5  gh/acme/app #41 release / trigger-integration",
    "   2  gh/acme/app #41 release / check-integration",
    "   3  gh/acme/integration #7 integration / approve-in-parent",
    "   1  from outside",
    "Report: /tmp/report.html",
  ]);
});

it("quotes the ends of failed steps, names errors and warns of what was never used", () => {
  expect(read(failingChild())).toEqual([
    "✗ failed in 7.4 s",
    "",
    "gh/acme/app #1",
    "  ✗ release  failed  7.3 s",
    "  paid 2.5 s of compute",
    "  slept 4.8 s on wait-for-integration, paid 0 s",
    "",
    "gh/acme/integration #1  triggered by gh/acme/app #1 release / trigger-integration",
    "  ✗ integration  failed  5.6 s",
    "  paid 5.5 s of compute",
    "",
    "gh/acme/broken #1",
    "  error: workflows.main.jobs.0: job `tset` is not defined",
    "  paid 0 s of compute",
    "",
    '✗ gh/acme/app #1 release / check-integration, step "Check the child": exit code 1',
    "  | integration  failed",
    "  |   test   failed  http://127.0.0.1/test",
    "  | error: the child failed",
    "",
    '✗ gh/acme/integration #1 integration / test, step "npm test": exit code 1',
    "  | FAIL orders.test.ts",
    "  |   expected 200, got 500",
    "  | Tests  1 failed | 417 passed",
    "",
    "2 API calls",
    "  1  gh/acme/app #1 release / trigger-integration",
    "  1  gh/acme/integration #1 integration / approve-in-parent",
    'warning: this fault never met a request: {"method":"POST","path":"/api/v2/project/gh/acme/tools/pipeline","then":{"status":502}}',
    'warning: this event never happened: {"on":{"job":"deploy","status":"running"},"do":"cancel-workflow"}',
  ]);
});

it("does not call it free while other jobs of the pipeline are paid for", () => {
  expect(read(twoHours())).toContain(
    "  slept 1 h 59 min on ask-a-person, paid 0 s for it, and 1 h 59 min for other jobs",
  );
});

it("masks secrets, and quotes ten lines at most", () => {
  const output = `${Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n")}\ntoken is hunter-22\n`;
  const jobs = [{ name: "job", status: "failed", from: 0, to: 9, steps: [["Run", output, 3]] }] as const;
  const workflows = [{ name: "main", status: "failed", until: 9, jobs }] as const;
  const report = sampleReport({ until: 10, pipelines: [{ project: "gh/acme/app", workflows }] });
  const quoted = read(report, ["hunter-22"]).filter((line) => line.startsWith("  | "));
  expect(quoted).toEqual([
    ...Array.from({ length: 9 }, (_, index) => `  | line ${index + 21}`),
    "  | token is ****",
  ]);
});
