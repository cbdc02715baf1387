import { describe, expect, test } from "vitest";
import { check, type JobState, type WorkflowState } from "../../support/check-world.ts";

/** What a job of the orb leaves behind that has called the parent back. */
function callback(
  status: JobState["status"],
  { ownStepsFailed = false, hasCalledBack = false } = {},
): JobState {
  const note = JSON.stringify({ version: 1, ownStepsFailed, hasCalledBack });
  return { status, artifacts: { "circleback/callback/note.json": note } };
}

function workflow(name: string, status: WorkflowState["status"], jobs: WorkflowState["jobs"]): WorkflowState {
  return { name, status, jobs };
}

const passed = workflow("integration", "success", { test: "success" });

const lookThere = [
  "  - Look at /lib",
  "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
];

describe("a callback that failed", () => {
  test("is named apart, and the child's own result does not hang on it", async () => {
    const { exit, lines } = await check({
      children: {
        lib: [workflow("integration", "failed", { test: "success", "circle-back": callback("failed") })],
      },
    });
    expect([exit, lines]).toEqual([
      0,
      [
        "gh/acme/lib #1: integration is failed",
        "gh/acme/lib #1: success  /lib",
        "  integration    failed             /pipelines/github/acme/lib/1/workflows/integration",
        "    test         success            /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "    circle-back  failed (callback)  /pipelines/github/acme/lib/1/workflows/integration/jobs/circle-back",
        "Warning: circle-back of gh/acme/lib #1 failed in calling back; the child's own result does not hang on it.",
      ],
    ]);
  });

  test("counts where the steps before it failed, as in a post-step", async () => {
    const { exit, lines } = await check({
      children: {
        lib: [workflow("integration", "failed", { test: callback("failed", { ownStepsFailed: true }) })],
      },
    });
    expect([exit, lines.slice(1)]).toEqual([
      1,
      [
        "gh/acme/lib #1: failed  /lib",
        "  ! test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "  integration  failed  /pipelines/github/acme/lib/1/workflows/integration",
        "    test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
        ...lookThere,
      ],
    ]);
  });

  test("hides no other failure", async () => {
    const { exit, lines } = await check({
      children: {
        lib: [workflow("integration", "failed", { test: "failed", "circle-back": callback("failed") })],
      },
    });
    expect([exit, lines.slice(1, 3), lines.slice(-4)]).toEqual([
      1,
      [
        "gh/acme/lib #1: failed  /lib",
        "  ! test         failed             /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
      ],
      [
        "Warning: circle-back of gh/acme/lib #1 failed in calling back; the child's own result does not hang on it.",
        "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
        ...lookThere,
      ],
    ]);
  });

  const note = "circleback/callback/note.json";
  const begun = "circleback/marks/calls-back";
  const failed = "circleback/marks/job-failed";

  test.each<[string, readonly WorkflowState[], number, string]>([
    [
      "in one of two workflows",
      [passed, workflow("deploy", "failed", { ship: "success", back: callback("failed") })],
      0,
      "success",
    ],
    [
      "in two workflows",
      [
        workflow("integration", "failed", { test: "success", back: callback("failed") }),
        workflow("deploy", "failed", { ship: "success", back: callback("timedout") }),
      ],
      0,
      "success",
    ],
    [
      "beside a workflow that failed",
      [
        workflow("integration", "failed", { test: "failed" }),
        workflow("deploy", "failed", { back: callback("failed") }),
      ],
      1,
      "failed",
    ],
    [
      "beside a workflow that was cancelled",
      [
        workflow("integration", "canceled", { test: "canceled" }),
        workflow("deploy", "failed", { back: callback("failed") }),
      ],
      1,
      "canceled",
    ],
    [
      "beside a job that waited for a failure",
      [
        workflow("deploy", "failed", {
          test: "success",
          back: callback("failed"),
          repair: { status: "not_run", requires: { test: ["failed"] } },
        }),
      ],
      0,
      "success",
    ],
    [
      "in a workflow that was cancelled",
      [workflow("deploy", "canceled", { ship: "canceled", back: callback("failed") })],
      1,
      "canceled",
    ],
    [
      "whose note is of another version",
      [workflow("deploy", "failed", { back: { status: "failed", artifacts: { [note]: '{"version":2}' } } })],
      1,
      "failed",
    ],
    [
      "whose note cannot be read",
      [workflow("deploy", "failed", { back: { status: "failed", artifacts: { [note]: "" } } })],
      1,
      "failed",
    ],
    [
      "of which something failed after it had called back",
      [workflow("deploy", "failed", { back: callback("failed", { hasCalledBack: true }) })],
      1,
      "failed",
    ],
    ["that left no note", [workflow("deploy", "failed", { back: "failed" })], 1, "failed"],
    [
      "that was cut short while it called back",
      [workflow("deploy", "failed", { back: { status: "infrastructure_fail", artifacts: { [begun]: "" } } })],
      0,
      "success",
    ],
    [
      "that was cut short after a step of its own had failed",
      [
        workflow("deploy", "failed", {
          back: { status: "infrastructure_fail", artifacts: { [begun]: "", [failed]: "" } },
        }),
      ],
      1,
      "failed",
    ],
  ])("%s", async (_, lib, exit, result) => {
    const checked = await check({ children: { lib } });
    expect([checked.exit, checked.lines.find((line) => line.endsWith("  /lib"))]).toEqual([
      exit,
      `gh/acme/lib #1: ${result}  /lib`,
    ]);
  });
});

describe("a job that CircleCI skipped", () => {
  const skipped = workflow("integration", "success", {
    test: "success",
    deploy: { status: "not_run", requires: { test: ["success"] } },
  });

  test("makes the child one that did not run", async () => {
    const { exit, lines } = await check({ children: { lib: [skipped] } });
    expect([exit, lines.slice(1, 6)]).toEqual([
      1,
      [
        "gh/acme/lib #1: not_run  /lib",
        "  integration  success            /pipelines/github/acme/lib/1/workflows/integration",
        "    test       success            /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "    deploy     not_run (skipped)  /pipelines/github/acme/lib/1/workflows/integration",
        "Error: gh/acme/lib #1 ended not_run (deploy was skipped by CircleCI). (child.failed)",
      ],
    ]);
  });

  test("counts as success where `success-on` says so", async () => {
    const parameters = { "success-on": "success, not_run" };
    expect((await check({ children: { lib: [skipped] }, parameters })).exit).toBe(0);
  });

  test("is none where it waited for what did not come", async () => {
    const repair = { status: "not_run", requires: { test: ["failed"] } } as const;
    const lib = [workflow("integration", "success", { test: "success", repair })];
    expect((await check({ children: { lib } })).exit).toBe(0);
  });
});

describe("a callback that never began", () => {
  const compiled = `version: 2
jobs:
  circle-back:
    docker:
    - image: cimg/node:24.18.0
    steps:
    - run:
        environment:
          CIRCLEBACK_PARAM_ON_FAILURE: approve
  test:
    docker:
    - image: cimg/node:24.18.0
    steps:
    - checkout
    - run:
        environment:
          CIRCLEBACK_PARAM_ON_FAILURE: approve
`;

  test.each([
    ["unauthorized", "unauthorized", "circle-back", 0],
    ["failed", "infrastructure_fail", "circle-back", 0],
    ["canceled", "canceled", "circle-back", 0],
    ["unauthorized", "unauthorized", "test", 1],
    ["failed", "failed", "circle-back", 1],
  ] as const)("%s, with the job %s: %s", async (status, end, name, exit) => {
    const lib = [workflow("integration", status, { lint: "success", [name]: end })];
    const { exit: seen, lines } = await check({ children: { lib }, compiled });
    const warning = `Warning: ${name} of gh/acme/lib #1 ${end} in calling back; the child's own result does not hang on it.`;
    expect([seen, lines.includes(warning)]).toEqual([exit, exit === 0]);
  });
});

describe("child-workflows", () => {
  const lib = [
    workflow("test", "success", { unit: "success" }),
    workflow("deploy-eu", "failed", { ship: "failed" }),
    workflow("deploy-us", "success", { ship: "success" }),
  ];

  test.each([
    ["", 1],
    ["test", 0],
    ["deploy-*", 1],
    ["deploy-us, test", 0],
    ["*us", 0],
  ])("%j lets those workflows count alone", async (patterns, exit) => {
    expect((await check({ children: { lib }, parameters: { "child-workflows": patterns } })).exit).toBe(exit);
  });

  test("shows nothing of the others", async () => {
    const { lines } = await check({ children: { lib }, parameters: { "child-workflows": "test" } });
    expect(lines).toEqual([
      "gh/acme/lib #1: test is success",
      "gh/acme/lib #1: success  /lib",
      "  test    success  /pipelines/github/acme/lib/1/workflows/test",
      "    unit  success  /pipelines/github/acme/lib/1/workflows/test/jobs/unit",
    ]);
  });

  test("says which glob fits nothing", async () => {
    const { exit, lines } = await check({
      children: { lib },
      parameters: { "child-workflows": "test, nightly*, rel" },
    });
    expect([exit, lines[1]]).toEqual([
      0,
      "Warning: `child-workflows` names nightly*, rel, which fits no workflow of gh/acme/lib #1.",
    ]);
  });

  test("fails where none of them fits anything: there is nothing to judge by", async () => {
    const { exit, lines } = await check({
      children: { lib },
      parameters: { "child-workflows": "nightly*,rel" },
    });
    expect([exit, lines]).toEqual([
      2,
      [
        "gh/acme/lib #1: no workflow that counts",
        "Error: `child-workflows` names nightly*, rel, which fits no workflow of gh/acme/lib #1, so there is nothing to judge it by: /lib (parameter.invalid)",
        "  - Write the names as the child's configuration has them; `*` stands for any characters.",
      ],
    ]);
  });
});

describe("success-on and soft-fail", () => {
  const failed = workflow("integration", "failed", { test: "failed" });
  const canceled = workflow("nightly", "canceled", { hold: "canceled" });

  test.each([
    ["success", [passed], 0],
    ["success", [failed], 1],
    ["success, canceled", [passed, canceled], 0],
    ["success, canceled", [failed, canceled], 1],
    ["failed", [failed], 0],
    ["failed", [passed], 1],
    ["success,failed,canceled,unauthorized,not_run,error", [failed, canceled], 0],
  ])("%j decides what is good", async (successOn, lib, exit) => {
    expect((await check({ children: { lib }, parameters: { "success-on": successOn } })).exit).toBe(exit);
  });

  test("shows a failure and succeeds with soft-fail", async () => {
    const { exit, lines } = await check({ children: { lib: [failed] }, parameters: { "soft-fail": "1" } });
    expect([exit, lines.slice(1)]).toEqual([
      0,
      [
        "gh/acme/lib #1: failed  /lib",
        "  ! test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "  integration  failed  /pipelines/github/acme/lib/1/workflows/integration",
        "    test       failed  /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
        "Warning: gh/acme/lib #1 ended failed (test failed). This job succeeds all the same (`soft-fail`).",
      ],
    ]);
  });
});

test("judges several children, and shows each of them", async () => {
  const { exit, lines } = await check({
    children: {
      lib: [passed],
      web: [workflow("build", "failed", { lint: "success", test: "timedout" })],
      cli: [workflow("build", "canceled", { test: "canceled" })],
    },
  });
  expect([exit, lines.slice(3)]).toEqual([
    1,
    [
      "gh/acme/lib #1: success  /lib",
      "  integration  success   /pipelines/github/acme/lib/1/workflows/integration",
      "    test       success   /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
      "gh/acme/web #2: failed  /web",
      "  ! test       timedout  /pipelines/github/acme/web/2/workflows/build/jobs/test",
      "  build        failed    /pipelines/github/acme/web/2/workflows/build",
      "    lint       success   /pipelines/github/acme/web/2/workflows/build/jobs/lint",
      "    test       timedout  /pipelines/github/acme/web/2/workflows/build/jobs/test",
      "gh/acme/cli #3: canceled  /cli",
      "  ! test       canceled  /pipelines/github/acme/cli/3/workflows/build/jobs/test",
      "  build        canceled  /pipelines/github/acme/cli/3/workflows/build",
      "    test       canceled  /pipelines/github/acme/cli/3/workflows/build/jobs/test",
      "Error: gh/acme/web #2 ended failed (test timedout); gh/acme/cli #3 ended canceled (test canceled). (child.failed)",
      "  - Look at /web",
      "  - Rerun the workflow of gh/acme/web #2 from failed, then this job: it judges the newest run.",
      "  - Look at /cli",
      "  - Rerun the workflow of gh/acme/cli #3 from failed, then this job: it judges the newest run.",
    ],
  ]);
});

test("waits a minute for CircleCI's own rerun of a workflow that has just failed, and no longer", async () => {
  const failed = {
    ...workflow("integration", "failed", { test: "failed" }),
    autoReruns: [0, 1],
    stopped: -5,
  } as const;
  const { exit, lines, calls } = await check({ children: { lib: [failed] } });
  expect([exit, lines[0], calls.filter((call) => call.endsWith("/workflow 200")).length > 5]).toEqual([
    1,
    "gh/acme/lib #1: integration is failed",
    true,
  ]);
});
