import { expect, test } from "vitest";
import { type CheckWorld, check, type JobState } from "../../support/check-world.ts";

function failing(output: string, more: Partial<JobState> = {}): JobState {
  const steps = [
    { name: "Checkout code", status: "success", output: "checked out" },
    { name: "make test", status: "failed", output },
    { name: "Tidy up", status: "failed", output: "cannot tidy up" },
  ] as const;
  return { status: "failed", steps, ...more };
}

function lib(jobs: Readonly<Record<string, JobState>>): CheckWorld["children"] {
  return { lib: [{ name: "integration", status: "failed", jobs }] };
}

/** What stands between the table and the verdict. */
async function quoted(world: CheckWorld): Promise<readonly string[]> {
  const { exit, lines } = await check(world);
  expect(exit).toBe(1);
  const isTable = (line: string) => line.includes("/pipelines/");
  const end = lines.findIndex((line) => line.startsWith("Error: "));
  return lines.slice(lines.findLastIndex(isTable) + 1, end);
}

test("shows the last twelve lines of the first step that failed", async () => {
  const output = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`).join("\n");
  expect(await quoted({ children: lib({ test: failing(`${output}\n\n`) }) })).toEqual([
    'test, step "make test":',
    ...Array.from({ length: 12 }, (_, index) => `  | line ${index + 19}`),
  ]);
});

test.each([
  ["colours and other control characters", "\u001b[31mred\u001b[0m\u0007 alert\tend", ["  | red alert\tend"]],
  ["lines that end as on Windows", "one\r\ntwo\r\n", ["  | one", "  | two"]],
  ["a progress bar", "10%\r50%\r100%\ndone", ["  | 100%", "  | done"]],
  ["a line that is too long", "x".repeat(501), [`  | ${"x".repeat(500)}…`]],
  ["the token", "it is good, really", ["  | it is [secret], really"]],
])("makes %s fit for the parent's log", async (_, output, lines) => {
  expect((await quoted({ children: lib({ test: failing(output) }) })).slice(1)).toEqual(lines);
});

test("shows a step that has timed out", async () => {
  const steps = [{ name: "wait", status: "timedout", output: "Too long with no output" }] as const;
  expect(await quoted({ children: lib({ test: { status: "timedout", steps } }) })).toEqual([
    'test, step "wait":',
    "  | Too long with no output",
  ]);
});

test("shows three jobs at most, over all children", async () => {
  const jobs = (prefix: string) => ({ [`${prefix}1`]: failing("no"), [`${prefix}2`]: failing("no") });
  const children = { ...lib(jobs("a")), web: lib(jobs("b")).lib ?? [] };
  const lines = await quoted({ children });
  expect(lines.filter((line) => line.endsWith(":"))).toEqual([
    'a1, step "make test":',
    'a2, step "make test":',
    'b1, step "make test":',
  ]);
});

test.each([
  ["a job whose steps have printed nothing", { test: failing("", { steps: [] }) }],
  ["a job that somebody cancelled", { test: failing("no"), other: failing("no", { status: "canceled" }) }],
  ["a job that broke down with its machine", { test: failing("no", { status: "infrastructure_fail" }) }],
])("asks and says nothing more of %s", async (_, jobs) => {
  const { calls, lines } = await check({ children: lib(jobs) });
  const about = Object.entries(jobs).filter(([, { status }]) => status === "failed");
  expect(calls.filter((call) => call.includes("/v1.1/"))).toEqual(
    about.map(([name]) => `GET /api/v1.1/project/gh/acme/lib/${name} 200`),
  );
  expect(lines.filter((line) => line.startsWith("other, step"))).toEqual([]);
});

test("does without where API v1.1 does not know the project", async () => {
  expect(await quoted({ areOpaque: true, children: lib({ test: failing("no") }) })).toEqual([]);
});

test("asks for no step of a child that counts as good", async () => {
  const { exit, calls } = await check({
    children: lib({ test: failing("no") }),
    parameters: { "success-on": "failed" },
  });
  expect([exit, calls.filter((call) => call.includes("/v1.1/"))]).toEqual([0, []]);
});
