import { describe, expect, test } from "vitest";
import { callsOf, jobOf, runLoop, said } from "../support/loop.ts";
import type { Projects } from "../support/simulator.ts";
import { requests, statuses } from "../support/simulator.ts";

/** The packed orb in the simulator: a child that was accepted must really start. */

const docker = 'docker: [{ image: "cimg/base:stable" }]';

function parent(startTimeout = "2s"): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          approval-job: hold
          start-timeout: ${startTimeout}
          context: circleback
      - hold: { type: approval, requires: [trigger] }
`;
}

const lib = `
version: 2.1
parameters: { circleback: { type: string, default: "" } }
jobs:
  test: { ${docker}, steps: [run: echo tested] }
workflows:
  w: { jobs: [test] }
`;

/** A child with a setup workflow that runs these lines and, after them, may continue with `lib`. */
function dynamic(...lines: readonly string[]): Projects[string] {
  return {
    ".circleci/config.yml": `
version: 2.1
setup: true
parameters: { circleback: { type: string, default: "" } }
jobs:
  plan:
    ${docker}
    steps:
      - checkout
      - run: |
          ${lines.join("\n          ")}
workflows:
  setup: { jobs: [plan] }
`,
    ".circleci/next.yml": lib,
  };
}

const continueIt = `jq -n --arg key "$CIRCLE_CONTINUATION_KEY" --rawfile configuration .circleci/next.yml \\
            '{"continuation-key": $key, configuration: $configuration}' |
            curl -fsS -d @- -H 'Content-Type: application/json' https://circleci.com/api/v2/pipeline/continue`;

const post = "POST /project/gh/acme/lib/pipeline";
const url = "/pipelines/github/acme/lib/1";

describe.concurrent("a child that does not start fails the step", () => {
  test("at once and with its errors, where its configuration is wrong", async () => {
    const broken = lib.replace("jobs: [test]", "jobs: [tset]");
    const report = await runLoop({ "gh/acme/app": parent("1m"), "gh/acme/lib": broken });
    expect([said(report, "trigger"), jobOf(report, "trigger").status, jobOf(report, "hold").status]).toEqual([
      {
        exit: 1,
        lines: [
          "Triggering gh/acme/lib …",
          `Triggered gh/acme/lib #1: ${url}`,
          "Error: gh/acme/lib #1 could not start: workflows.w.jobs.0: Error calling workflow: 'w'",
          `Cannot find a definition for job named tset (${url}) (child.failed)`,
          "  - Mend the child's configuration; `circleci config validate` checks it.",
        ],
      },
      "failed",
      "not_run",
    ]);
    expect(callsOf(report, "trigger").slice(1)).toEqual([
      `${post} 201`,
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      "GET /pipeline/gh/acme/lib#1 200",
    ]);
  });

  test("with the remedy, where it does not declare the ticket", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": lib.replace(/parameters: .*/, ""),
    });
    expect(said(report, "trigger")).toEqual({
      exit: 1,
      lines: [
        "Triggering gh/acme/lib …",
        `Triggered gh/acme/lib #1: ${url}`,
        expect.stringMatching(
          new RegExp(
            `^Error: gh/acme/lib #1 could not start: .*Unexpected argument.*circleback.* \\(${url}\\) \\(child\\.failed\\)$`,
          ),
        ),
        '  - Declare each parameter at the top of the child\'s configuration, with a default: `parameters: { circleback: { type: string, default: "" } }`.',
        '  - If it is the ticket, and the child does not call back, send none: `ticket-parameter: ""`.',
      ],
    });
  });

  test("with CircleCI's words, where it is skipped", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `
faults:
  - method: POST
    path: /api/v2/project/gh/acme/lib/pipeline
    then: { status: 200, body: { message: Ignoring pipeline due to CI skip in the commit } }
`,
    );
    expect([said(report, "trigger"), callsOf(report, "trigger")]).toEqual([
      {
        exit: 4,
        lines: [
          "Triggering gh/acme/lib …",
          "Error: gh/acme/lib was not triggered: Ignoring pipeline due to CI skip in the commit. (trigger.refused)",
          "  - CircleCI skips commits whose message holds [skip ci] or [ci skip].",
        ],
      },
      ["GET /workflow/release/job 200", `${post} 200`],
    ]);
  });

  test("after start-timeout and with the likely causes, where all of it is filtered out", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": lib.replace("w: {", 'w: { when: pipeline.git.branch == "release",'),
    });
    expect(said(report, "trigger")).toEqual({
      exit: 8,
      lines: [
        "Triggering gh/acme/lib …",
        `Triggered gh/acme/lib #1: ${url}`,
        `Error: gh/acme/lib #1 was accepted, but has no workflow after 2s: ${url} (child.start-timeout)`,
        "  - Most likely every workflow or job of the child is filtered out (`when`, `filters`) for this branch and these parameters; for a tag, each job needs a filter that lets it through.",
        "  - Or its organization blocks new work, or has used up its plan.",
        "  - Give a slow service more time with `start-timeout`.",
      ],
    });
  });

  test("as soon as its setup workflow has failed", async () => {
    const report = await runLoop({
      "gh/acme/app": parent("1m"),
      "gh/acme/lib": dynamic("exit 1"),
    });
    expect(said(report, "trigger")).toEqual({
      exit: 1,
      lines: [
        "Triggering gh/acme/lib …",
        `Triggered gh/acme/lib #1: ${url}`,
        `Error: The setup workflow of gh/acme/lib #1 ended failed, so the child never started: ${url} (child.failed)`,
      ],
    });
  });

  test("after start-timeout, where its setup workflow succeeds and continues nothing", async () => {
    const report = await runLoop({ "gh/acme/app": parent(), "gh/acme/lib": dynamic("true") });
    const { exit, lines } = said(report, "trigger");
    expect([exit, lines[2]]).toEqual([
      8,
      `Error: gh/acme/lib #1 was accepted, but has no workflow after 2s: ${url} (child.start-timeout)`,
    ]);
  });
});

test.concurrent("the clock stands still while the setup workflow runs longer than start-timeout", async () => {
  const report = await runLoop({
    "gh/acme/app": parent(),
    "gh/acme/lib": dynamic("sleep 6", continueIt),
  });
  expect([said(report, "trigger"), statuses(report)["gh/acme/lib#1"]]).toEqual([
    {
      exit: 0,
      lines: [
        "Triggering gh/acme/lib …",
        `Triggered gh/acme/lib #1: ${url}`,
        `gh/acme/lib #1 has started: ${url}`,
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
      ],
    },
    {
      setup: { status: "success", jobs: { plan: "success" } },
      w: { status: "success", jobs: { test: "success" } },
    },
  ]);
});

test.concurrent("a trigger whose answer was lost is sent once, and its child is found", async () => {
  const report = await runLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib },
    "faults: [{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { drop: true, after: accepted } }]",
  );
  const posts = requests(report).filter((request) => request.startsWith("POST"));
  expect([said(report, "trigger").exit, posts, statuses(report)]).toEqual([
    0,
    ["POST /api/v2/project/gh/acme/lib/pipeline cut"],
    {
      "gh/acme/app#1": { release: { status: "on_hold", jobs: { trigger: "success", hold: "on_hold" } } },
      "gh/acme/lib#1": { w: { status: "success", jobs: { test: "success" } } },
    },
  ]);
});

test.concurrent("a child that is slow to appear is waited for", async () => {
  const report = await runLoop(
    { "gh/acme/app": parent("20s"), "gh/acme/lib": lib },
    "faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, then: { status: 200, body: { items: [], next_page_token: null } } }]",
  );
  expect([said(report, "trigger").exit, callsOf(report, "trigger").slice(2)]).toEqual([
    0,
    [
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      "GET /pipeline/gh/acme/lib#1 200",
      "GET /pipeline/gh/acme/lib#1/workflow 200",
    ],
  ]);
});
