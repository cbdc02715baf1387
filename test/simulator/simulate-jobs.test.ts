import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { outputOf, runProjects, statuses, stepsOf } from "../support/simulator.ts";

const image = 'docker: [{ image: "cimg/base:current" }]';
const once = "trigger: [{ project: gh/acme/app }]";

test("carries files from job to job in the workspace and keeps artifacts", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  left: { ${image}, steps: [run: "mkdir -p out && echo L > out/left", persist_to_workspace: { root: ., paths: [out] }] }
  right: { ${image}, steps: [run: "mkdir -p out && echo R > out/right", persist_to_workspace: { root: ., paths: [out] }] }
  join:
    ${image}
    steps:
      - attach_workspace: { at: . }
      - run: cat out/left out/right | tee joined
      - store_artifacts: { path: joined, destination: result/joined.txt }
workflows:
  w: { jobs: [left, right, join: { requires: [left, right] }] }
`,
    },
    once,
  );
  const [join] = report.pipelines[0]?.workflows[0]?.jobs.filter(({ name }) => name === "join") ?? [];
  expect({
    outcome: report.outcome,
    artifacts: join?.artifacts.map(({ path, file }) => [path, readFileSync(file, "utf8")]),
  }).toEqual({ outcome: "success", artifacts: [["result/joined.txt", "L\nR\n"]] });
});

test("steps run on success, on failure or always", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  build:
    ${image}
    steps:
      - run: { name: first, command: exit 3 }
      - run: { name: skipped, command: echo skipped }
      - run: { name: on fail, command: echo on fail, when: on_fail }
      - run: { name: always, command: echo always, when: always }
workflows:
  w: { jobs: [build] }
`,
    },
    once,
  );
  expect({
    statuses: statuses(report),
    steps: stepsOf(report, "build")
      .filter(({ name }) => ["first", "skipped", "on fail", "always"].includes(name))
      .map(({ name, status, exit_code, output }) => [name, status, exit_code, output]),
  }).toEqual({
    statuses: { "gh/acme/app#1": { w: { status: "failed", jobs: { build: "failed" } } } },
    steps: [
      ["first", "failed", 3, ""],
      ["on fail", "success", 0, "on fail\n"],
      ["always", "success", 0, "always\n"],
    ],
  });
});

test("a matrix makes one job per combination", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  test:
    parameters: { size: { type: integer }, loud: { type: boolean } }
    ${image}
    environment: { SIZE: << parameters.size >>, LOUD: << parameters.loud >> }
    steps: [run: 'echo "$SIZE $LOUD"']
workflows:
  w: { jobs: [test: { matrix: { parameters: { size: [1, 2], loud: [true, false] } } }] }
`,
    },
    once,
  );
  const jobs = report.pipelines[0]?.workflows[0]?.jobs ?? [];
  expect(jobs.map(({ status, steps }) => [status, steps.at(-1)?.output]).sort()).toEqual([
    ["success", "1 0\n"],
    ["success", "1 1\n"],
    ["success", "2 0\n"],
    ["success", "2 1\n"],
  ]);
});

test("a setup workflow continues its pipeline with another configuration", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": {
        ".circleci/config.yml": `
version: 2.1
setup: true
jobs:
  plan:
    ${image}
    steps:
      - checkout
      - run: >-
          jq -n --arg key "$CIRCLE_CONTINUATION_KEY" --rawfile configuration .circleci/next.yml
          '{"continuation-key": $key, configuration: $configuration, parameters: {greeting: "hello"}}' |
          curl -sS -d @- -H 'Content-Type: application/json' https://circleci.com/api/v2/pipeline/continue
workflows:
  setup: { jobs: [plan] }
`,
        ".circleci/next.yml": `
version: 2.1
parameters: { greeting: { type: string, default: "" } }
jobs:
  greet: { ${image}, steps: [run: "echo << pipeline.parameters.greeting >>"] }
workflows:
  w: { jobs: [greet] }
`,
      },
    },
    once,
  );
  expect({
    outcome: report.outcome,
    statuses: statuses(report),
    tags: report.pipelines[0]?.workflows.map(({ tag }) => tag),
    output: outputOf(report, "greet"),
  }).toEqual({
    outcome: "success",
    statuses: {
      "gh/acme/app#1": {
        setup: { status: "success", jobs: { plan: "success" } },
        w: { status: "success", jobs: { greet: "success" } },
      },
    },
    tags: ["setup", null],
    output: expect.stringContaining("hello\n"),
  });
});

test("a workflow with auto reruns tries again from what failed", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  build: { ${image}, steps: [run: echo built] }
  test: { ${image}, steps: [run: exit 1] }
workflows:
  w: { max_auto_reruns: 1, jobs: [build, test: { requires: [build] }] }
`,
    },
    once,
  );
  const run = { status: "failed", jobs: { build: "success", test: "failed" } };
  expect(statuses(report)).toEqual({ "gh/acme/app#1": { w: run, "w#2": run } });
});

test("a configuration that does not compile makes an errored pipeline", async () => {
  const report = await runProjects(
    { "gh/acme/app": "version: 2.1\nworkflows: { w: { jobs: [nowhere] } }" },
    once,
  );
  const [pipeline] = report.pipelines;
  expect([
    report.outcome,
    pipeline?.state,
    pipeline?.workflows,
    pipeline?.errors.map(({ type }) => type),
  ]).toEqual(["error", "errored", [], ["config"]]);
});

test("a project without a configuration makes an errored pipeline", async () => {
  const report = await runProjects({ "gh/acme/app": { "README.md": "" } }, once);
  const [pipeline] = report.pipelines;
  expect([report.outcome, pipeline?.state, pipeline?.errors.map(({ type }) => type)]).toEqual([
    "error",
    "errored",
    ["config-fetch"],
  ]);
});

test("jobs see the environment of their project as it was typed", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  show: { ${image}, steps: [run: 'echo "$VERSION $PLACE"'] }
workflows:
  w: { jobs: [show: { context: [one, two] }] }
`,
    },
    `
projects: { gh/acme/app: { environment: { VERSION: "1.10", PLACE: project } } }
contexts: { one: { PLACE: one }, two: { PLACE: two } }
${once}
`,
  );
  expect(outputOf(report, "show")).toContain("1.10 two\n");
});
