import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { runLoop, type Said, said } from "../support/loop.ts";
import { statuses } from "../support/simulator.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** One trigger for each child, and the checks; nobody sleeps and nobody calls back. */
function parent(children: readonly string[], checks: string): string {
  const triggers = children.map(
    (name) => `
      - circleback/trigger-and-wait:
          name: trigger-${name}
          project: gh/acme/${name}
          wait: false
          ticket-parameter: ""
          receipt: ${name}
          context: circleback`,
  );
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  own:
    ${docker}
    steps:
      - run: echo before
      - circleback/check-status: { receipts: lib }
      - run: echo after
executors:
  mine: { ${docker}, environment: { FAVOURITE: mine } }
workflows:
  release:
    jobs:${triggers.join("")}
${checks}
`;
}

function check(name: string, requires: string, more = ""): string {
  return `
      - circleback/check-status: { name: ${name}, context: circleback, requires: [${requires}], ${more} }`;
}

function child(jobs: string): string {
  return `
version: 2.1
jobs:
  pass: { ${docker}, steps: [run: echo fine] }
  fail: { ${docker}, steps: [run: exit 9] }
workflows:
  integration:
    jobs:
${jobs}
`;
}

/** How a check ended and what it printed from its table on; how often it had to look first is left to chance. */
function verdict(report: Report, jobName: string): Said {
  const { exit, lines } = said(report, jobName);
  return { exit, lines: lines.slice(lines.findIndex((line) => / #1: \w+ {2}\//.test(line))) };
}

describe.concurrent("check-status", () => {
  test("judges every end of a child, shows it, and takes for success what it is told to", async () => {
    const report = await runLoop(
      {
        "gh/acme/app": parent(
          ["good", "bad", "stopped", "barred"],
          [
            check("check-good", "trigger-good", "receipts: good"),
            check("check-bad", "trigger-bad", "receipts: bad"),
            check("check-stopped", "trigger-stopped", "receipts: stopped"),
            check("check-barred", "trigger-barred", "receipts: barred"),
            check("check-all", "trigger-good, check-bad: failed", 'receipts: "good, bad"'),
            check(
              "check-mild",
              "check-bad: failed, check-stopped: failed",
              'receipts: "bad,stopped", success-on: "success, canceled, failed"',
            ),
          ].join(""),
        ),
        "gh/acme/good": child("      - pass"),
        "gh/acme/bad": child(`
      - pass
      - fail: { requires: [pass] }
      - pass: { name: never, requires: [fail] }`),
        "gh/acme/stopped": child("      - hold: { type: approval }"),
        "gh/acme/barred": child("      - pass: { context: closed }"),
      },
      `
contexts:
  circleback: { CIRCLE_TOKEN: token-of-the-release-bot }
  closed: { values: { A: b }, allow: [somebody] }
events:
  - { on: { project: gh/acme/stopped, job: hold, status: on_hold }, do: cancel-workflow }
`,
    );
    // All children are in one table, whose columns are as wide as the longest of them needs.
    const widen = (line: string) => line.replace(/( {2}\S.* (?:success|failed|not_run) *)(\/)/, "$1 $2");
    const badTable = [
      "gh/acme/bad #1: failed  /pipelines/github/acme/bad/1",
      "  ! fail       failed   /pipelines/github/acme/bad/1/workflows/integration/jobs/2",
      "  integration  failed   /pipelines/github/acme/bad/1/workflows/integration",
      "    pass       success  /pipelines/github/acme/bad/1/workflows/integration/jobs/1",
      "    fail       failed   /pipelines/github/acme/bad/1/workflows/integration/jobs/2",
      "    never      not_run  /pipelines/github/acme/bad/1/workflows/integration",
    ];
    const goodTable = [
      "gh/acme/good #1: success  /pipelines/github/acme/good/1",
      "  integration  success  /pipelines/github/acme/good/1/workflows/integration",
      "    pass       success  /pipelines/github/acme/good/1/workflows/integration/jobs/1",
    ];
    const stoppedTable = [
      "gh/acme/stopped #1: canceled  /pipelines/github/acme/stopped/1",
      "  ! hold       canceled  /pipelines/github/acme/stopped/1/workflows/integration",
      "  integration  canceled  /pipelines/github/acme/stopped/1/workflows/integration",
      "    hold       canceled  /pipelines/github/acme/stopped/1/workflows/integration",
    ];
    expect(verdict(report, "check-good")).toEqual({
      exit: 0,
      lines: goodTable,
    });
    expect(verdict(report, "check-bad")).toEqual({
      exit: 1,
      lines: [
        ...badTable,
        "Error: gh/acme/bad #1 ended failed (fail failed). (child.failed)",
        "  - Look at /pipelines/github/acme/bad/1",
        "  - Rerun the workflow of gh/acme/bad #1 from failed, then this job: it judges the newest run.",
      ],
    });
    expect(verdict(report, "check-stopped")).toEqual({
      exit: 1,
      lines: [
        ...stoppedTable,
        "Error: gh/acme/stopped #1 ended canceled (hold canceled). (child.failed)",
        "  - Look at /pipelines/github/acme/stopped/1",
        "  - Rerun the workflow of gh/acme/stopped #1 from failed, then this job: it judges the newest run.",
      ],
    });
    expect(verdict(report, "check-barred")).toEqual({
      exit: 1,
      lines: [
        "gh/acme/barred #1: unauthorized  /pipelines/github/acme/barred/1",
        "  ! pass       unauthorized  /pipelines/github/acme/barred/1/workflows/integration",
        "  integration  unauthorized  /pipelines/github/acme/barred/1/workflows/integration",
        "    pass       unauthorized  /pipelines/github/acme/barred/1/workflows/integration",
        "Error: gh/acme/barred #1 ended unauthorized (pass unauthorized). (child.failed)",
        "  - Look at /pipelines/github/acme/barred/1",
        "  - Rerun the workflow of gh/acme/barred #1 from failed, then this job: it judges the newest run.",
      ],
    });
    expect(verdict(report, "check-all")).toEqual({
      exit: 1,
      lines: [
        ...goodTable,
        ...badTable,
        "Error: gh/acme/bad #1 ended failed (fail failed). (child.failed)",
        "  - Look at /pipelines/github/acme/bad/1",
        "  - Rerun the workflow of gh/acme/bad #1 from failed, then this job: it judges the newest run.",
      ],
    });
    expect(verdict(report, "check-mild")).toEqual({
      exit: 0,
      lines: [...badTable.map(widen), ...stoppedTable],
    });
  });

  test.each(["error", "not_run"])("takes a workflow that ended %s for no success", async (status) => {
    const workflow = {
      id: "w",
      name: "integration",
      status,
      project_slug: "gh/acme/lib",
      pipeline_id: "p",
      pipeline_number: 1,
      created_at: "2026-01-01T00:00:00Z",
    };
    const fault = (path: string, items: readonly object[]) =>
      `{ method: GET, path: "${path}", job: check, then: { body: ${JSON.stringify({ items, next_page_token: null })} } }`;
    const report = await runLoop(
      {
        "gh/acme/app": parent(["lib"], check("check", "trigger-lib", "receipts: lib")),
        "gh/acme/lib": child("      - pass"),
      },
      `faults: [${fault("/api/v2/pipeline/*/workflow", [workflow])}, ${fault("/api/v2/workflow/w/job", [])}]`,
    );
    expect(verdict(report, "check")).toEqual({
      exit: 1,
      lines: [
        `gh/acme/lib #1: ${status}  /pipelines/github/acme/lib/1`,
        `  integration  ${status}  /pipelines/github/acme/lib/1/workflows/w`,
        `Error: gh/acme/lib #1 ended ${status}. (child.failed)`,
        "  - Look at /pipelines/github/acme/lib/1",
        "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
      ],
    });
  });

  test("judges all workflows but the setup workflow", async () => {
    const continued = {
      version: 2.1,
      jobs: {
        pass: { docker: [{ image: "cimg/base:stable" }], steps: [{ run: "true" }] },
        fail: { docker: [{ image: "cimg/base:stable" }], steps: [{ run: "false" }] },
      },
      workflows: { one: { jobs: ["pass"] }, two: { jobs: ["fail"] } },
    };
    const report = await runLoop({
      "gh/acme/app": parent(["lib"], check("check", "trigger-lib", "receipts: lib")),
      "gh/acme/lib": {
        ".circleci/config.yml": `
version: 2.1
setup: true
jobs:
  choose:
    ${docker}
    steps:
      - checkout
      - run: |
          jq -n --arg key "$CIRCLE_CONTINUATION_KEY" --rawfile text next.json \\
            '{"continuation-key": $key, "configuration": $text}' |
            curl -sS -H "Content-Type: application/json" -d @- https://circleci.com/api/v2/pipeline/continue
workflows:
  setup: { jobs: [choose] }
`,
        "next.json": JSON.stringify(continued),
      },
    });
    const { exit, lines } = verdict(report, "check");
    expect([statuses(report)["gh/acme/lib#1"], exit, lines]).toEqual([
      {
        setup: { status: "success", jobs: { choose: "success" } },
        one: { status: "success", jobs: { pass: "success" } },
        two: { status: "failed", jobs: { fail: "failed" } },
      },
      1,
      [
        "gh/acme/lib #1: failed  /pipelines/github/acme/lib/1",
        "  ! fail  failed   /pipelines/github/acme/lib/1/workflows/two/jobs/3",
        "  two     failed   /pipelines/github/acme/lib/1/workflows/two",
        "    fail  failed   /pipelines/github/acme/lib/1/workflows/two/jobs/3",
        "  one     success  /pipelines/github/acme/lib/1/workflows/one",
        "    pass  success  /pipelines/github/acme/lib/1/workflows/one/jobs/2",
        "Error: gh/acme/lib #1 ended failed (fail failed). (child.failed)",
        "  - Look at /pipelines/github/acme/lib/1",
        "  - Rerun the workflow of gh/acme/lib #1 from failed, then this job: it judges the newest run.",
      ],
    ]);
  });

  test("works as a step of the user's own job, and on the user's own executor", async () => {
    const report = await runLoop({
      "gh/acme/app": parent(
        ["lib"],
        `
      - own: { context: circleback, requires: [trigger-lib] }${check(
        "on-mine",
        "own",
        'executor: mine, receipts: lib, post-steps: [run: { name: Where, command: echo "on $FAVOURITE" }]',
      )}`,
      ),
      "gh/acme/lib": child("      - pass"),
    });
    const jobs = report.pipelines[0]?.workflows[0]?.jobs.slice(1) ?? [];
    expect(jobs.map(({ steps }) => steps.map(({ name, status }) => [name, status]))).toEqual([
      [
        ["echo before", "success"],
        ["Attaching Workspace", "success"],
        ["Check the triggered pipeline", "success"],
        ["Persisting to Workspace", "success"],
        ["echo after", "success"],
      ],
      [
        ["Attaching Workspace", "success"],
        ["Check the triggered pipeline", "success"],
        ["Persisting to Workspace", "success"],
        ["Where", "success"],
      ],
    ]);
    expect([jobs[1]?.steps[3]?.output, verdict(report, "own")]).toEqual([
      "on mine\n",
      verdict(report, "on-mine"),
    ]);
  });
});
