import { expect, test } from "vitest";
import { type CheckWorld, check, type JobState } from "../../support/check-world.ts";

/** A job that has set outputs, given as the texts of their artifacts. */
function setter(outputs: Readonly<Record<string, string>>): JobState {
  const entries = Object.entries(outputs).map(([key, text]) => [`circleback/outputs/${key}.json`, text]);
  return { status: "success", artifacts: Object.fromEntries(entries) };
}

function lib(
  jobs: Readonly<Record<string, JobState>>,
  status: "success" | "failed" = "success",
): CheckWorld["children"] {
  return { lib: [{ name: "integration", status, jobs }] };
}

const env = { BASH_ENV: "bash-env" };
const file = ".circleback/outputs/lib.json";
const persisted = `.circleback/persisted/${file}`;

test("gives what the jobs have set to the workspace and to the later steps, as it was written", async () => {
  const jobs = {
    build: setter({ version: '"1.2.3"\n', "build-id": "12345678901234567890" }),
    test: setter({ report: '{"url": "it\'s $(touch x)"}' }),
    other: { status: "success", artifacts: { "circleback/lib.json": "{}", "outputs/a.json": "1" } },
  } as const;
  const { exit, lines, written } = await check({ env, children: lib(jobs) });
  const document = [
    "{",
    '  "version": "1.2.3",',
    '  "build-id": 12345678901234567890,',
    '  "report": {"url": "it\'s $(touch x)"}',
    "}",
    "",
  ].join("\n");
  expect([exit, lines[1], written]).toEqual([
    0,
    "Outputs of gh/acme/lib #1: CIRCLEBACK_LIB_VERSION, CIRCLEBACK_LIB_BUILD_ID, CIRCLEBACK_LIB_REPORT, .circleback/outputs/lib.json",
    {
      [file]: document,
      [persisted]: document,
      "bash-env": [
        "export CIRCLEBACK_LIB_VERSION='1.2.3'",
        "export CIRCLEBACK_LIB_BUILD_ID='12345678901234567890'",
        `export CIRCLEBACK_LIB_REPORT='{"url": "it'\\''s $(touch x)"}'`,
        "",
      ].join("\n"),
    },
  ]);
});

test("writes an empty document where nothing was set, for the step that persists it", async () => {
  const { exit, written } = await check({ env, children: lib({ test: { status: "success" } }) });
  expect([exit, written]).toEqual([0, { [file]: "{}\n", [persisted]: "{}\n" }]);
});

test("keeps the outputs of several children apart", async () => {
  const web = lib({ build: setter({ version: "2" }) }).lib ?? [];
  const children = { ...lib({ build: setter({ version: "1" }) }), web };
  const { written } = await check({ env, children });
  expect([written[file], written[".circleback/outputs/web.json"], written["bash-env"]]).toEqual([
    '{\n  "version": 1\n}\n',
    '{\n  "version": 2\n}\n',
    "export CIRCLEBACK_LIB_VERSION='1'\nexport CIRCLEBACK_WEB_VERSION='2'\n",
  ]);
});

test("refuses what would become the same variable as another child's output, and keeps that one", async () => {
  const children = {
    a: lib({ build: setter({ b_c: "1" }) }).lib ?? [],
    a_b: lib({ build: setter({ c: "2" }) }).lib ?? [],
  };
  const { exit, lines, written } = await check({ env, children });
  expect([exit, lines.at(-2), written]).toEqual([
    2,
    "Error: The outputs `b_c` of the receipt `a` and `c` of the receipt `a_b` would both become CIRCLEBACK_A_B_C. (output.invalid)",
    {
      ".circleback/outputs/a.json": '{\n  "b_c": 1\n}\n',
      ".circleback/persisted/.circleback/outputs/a.json": '{\n  "b_c": 1\n}\n',
      "bash-env": "export CIRCLEBACK_A_B_C='1'\n",
    },
  ]);
});

test("fetches the outputs of a child that has failed", async () => {
  const children = lib({ build: setter({ a: "1" }), test: { status: "failed" } }, "failed");
  const { exit, written } = await check({ env, children });
  expect([exit, written[file]]).toEqual([1, '{\n  "a": 1\n}\n']);
});

test("takes one value from two jobs that agree", async () => {
  const { exit, written } = await check({
    env,
    children: lib({ one: setter({ a: "1" }), two: setter({ a: "1\n" }) }),
  });
  expect([exit, written[file]]).toEqual([0, '{\n  "a": 1\n}\n']);
});

test("says which outputs no variable can hold, and where they are", async () => {
  const { exit, lines, written } = await check({
    env,
    children: lib({ build: setter({ small: "1", nul: '"\\u0000"', large: `"${"x".repeat(200_000)}"` }) }),
  });
  expect([exit, lines.slice(1, 3), written["bash-env"]]).toEqual([
    0,
    [
      "Outputs of gh/acme/lib #1: CIRCLEBACK_LIB_SMALL, .circleback/outputs/lib.json",
      "Warning: nul, large: too large for the environment, or no text; to be found in .circleback/outputs/lib.json.",
    ],
    "export CIRCLEBACK_LIB_SMALL='1'\n",
  ]);
});

const hint =
  "  - Set outputs with the set-output command, each key in one job, and small: a version or a URL, not a file.";

test.each<[string, Readonly<Record<string, JobState>>, string]>([
  [
    "two jobs that disagree",
    { one: setter({ a: "1" }), two: setter({ a: "2" }) },
    "one and two of gh/acme/lib #1 have set the output `a` to different values.",
  ],
  ["what is no JSON", { build: setter({ a: "{" }) }, "The output `a` of build is no JSON."],
  [
    "more than a megabyte in all",
    { one: setter({ a: `"${"x".repeat(600_000)}"` }), two: setter({ b: `"${"x".repeat(399_997)}"` }) },
    "The outputs of gh/acme/lib #1 are larger than 1000000 bytes.",
  ],
])("refuses %s, after the table, and exports nothing", async (_, jobs, message) => {
  const { exit, lines, written } = await check({ env, children: lib(jobs) });
  expect([exit, lines.slice(-3), written]).toEqual([
    2,
    [expect.stringContaining("/pipelines/"), `Error: ${message} (output.invalid)`, hint],
    {},
  ]);
});

test("takes a megabyte in all", async () => {
  const jobs = {
    one: setter({ a: `"${"x".repeat(600_000)}"` }),
    two: setter({ b: `"${"x".repeat(399_996)}"` }),
  };
  expect((await check({ env, children: lib(jobs) })).exit).toBe(0);
});

test("tells the child's failure before what is wrong with its outputs", async () => {
  const children = lib({ build: setter({ a: "{" }), test: { status: "failed" } }, "failed");
  const { exit, lines } = await check({ env, children });
  expect([exit, lines.slice(-4, -2)]).toEqual([
    1,
    [
      "Warning: The output `a` of build is no JSON.",
      "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
    ],
  ]);
});

test("fetches the outputs of the workflows that count, in their newest run", async () => {
  const children = {
    lib: [
      { name: "integration", status: "failed", created: -300, jobs: { build: setter({ a: '"old"' }) } },
      { name: "integration", status: "success", created: -200, jobs: { build: setter({ a: '"new"' }) } },
      { name: "nightly", status: "success", jobs: { build: setter({ b: "1" }) } },
    ],
  } as const;
  const { written } = await check({ env, children, parameters: { "child-workflows": "integration" } });
  expect(written[file]).toBe('{\n  "a": "new"\n}\n');
});
