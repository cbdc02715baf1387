import { expect, test } from "vitest";
import { type Bench, showTable, updateBench } from "../../../scripts/bench/report.ts";

const rows = [
  { title: "a job", unit: "ms", against: "curl | jq", ours: [30, 10, 20], theirs: [40, 44, 36] },
  { title: "calls", unit: "", against: "looking", ours: [0, 0, 0], theirs: [3, 3, 3] },
] as const;

const bench: Bench = {
  date: "2026-11-28T15:30:00.000Z",
  commit: "0123456789abcdef",
  machine: "2 cores",
  rows,
  bytes: { sweep: 28_509, "set-output": 7_568 },
};

test("the table shows medians, their spread where there is one, and the ratio of the medians", () => {
  expect(showTable(rows)).toBe(`what   circleback     the other way  ratio  the other way is
a job  20 ms (10…30)  40 ms (36…44)  2.0    curl | jq
calls  0              3              –      looking`);
});

test("the README gets the figures between its marks, and nothing else of it changes", () => {
  const marks = ["<!-- bench: written by `npm run bench -- --readme` -->", "<!-- end of bench -->"] as const;
  const readme = updateBench(`before\n${marks[0]}\nold\n${marks[1]}\nafter\n`, bench);
  expect(readme).toBe(`before
${marks[0]}

Measured on 2026-11-28 at commit 0123456, on 2 cores. Each cell is a median with the smallest and the largest value behind it; a ratio above 1 is in favour of circleback.

| what | circleback | the other way | ratio | the other way is |
| --- | --- | --- | --- | --- |
| a job | 20 ms (10…30) | 40 ms (36…44) | 2.0 | curl \\| jq |
| calls | 0 | 3 | – | looking |

What one use of a command adds to a compiled configuration, of which CircleCI takes 8 MB, in thousands of bytes: \`sweep\` 29, \`set-output\` 8.

${marks[1]}
after
`);
  expect(updateBench(readme, bench)).toBe(readme);
  expect(() => updateBench("no marks", bench)).toThrow("has lost its marks");
});
