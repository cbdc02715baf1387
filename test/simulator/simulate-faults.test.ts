import { expect, test } from "vitest";
import { outputOf, requests, runProjects, statuses } from "../support/simulator.ts";

/** Two projects: `app` calls the API as `command` says, `lib` does nothing. */
function projects(command: string) {
  return {
    "gh/acme/app": `
version: 2.1
jobs:
  call:
    docker: [{ image: "cimg/base:current" }]
    steps:
      - run:
          name: Call
          command: |
            ask() { curl -sS -H "Circle-Token: secret" "$@" || echo "curl $?"; }
            ${command.trim().split("\n").join("\n            ")}
workflows:
  w: { jobs: [call] }
`,
    "gh/acme/lib": `
version: 2.1
jobs:
  build: { docker: [{ image: "cimg/base:current" }], steps: [run: echo built] }
workflows:
  w: { jobs: [build] }
`,
  };
}

function scenario(faults: string): string {
  return `
tokens: { secret: { login: bot } }
trigger: [{ project: gh/acme/app }]
faults: ${faults}
`;
}

const trigger = `ask -o /dev/null -w '%{http_code}\\n' -d '{}' -H 'Content-Type: application/json' $CIRCLE_HOST/api/v2/project/gh/acme/lib/pipeline`;

test("cuts connections, as often as it says", async () => {
  const report = await runProjects(
    projects("ask -o /dev/null -w '%{http_code}\\n' $CIRCLE_HOST/api/v2/me\n".repeat(3)),
    scenario("[{ method: GET, path: /api/v2/me, times: 2, then: { drop: true } }]"),
  );
  expect([requests(report), report.requests.map(({ fault }) => fault), report.unused.faults]).toEqual([
    ["GET /api/v2/me cut", "GET /api/v2/me cut", "GET /api/v2/me 200"],
    [0, 0, null],
    [],
  ]);
});

test("loses the answer to a request that took effect", async () => {
  const report = await runProjects(
    projects(trigger),
    scenario(
      "[{ method: POST, path: /api/v2/project/gh/acme/*/pipeline, then: { status: 502, after: accepted } }]",
    ),
  );
  expect([outputOf(report, "call"), statuses(report)]).toEqual([
    expect.stringContaining("502\n"),
    {
      "gh/acme/app#1": { w: { status: "success", jobs: { call: "success" } } },
      "gh/acme/lib#1": { w: { status: "success", jobs: { build: "success" } } },
    },
  ]);
});

test("refuses a request without effect", async () => {
  const report = await runProjects(
    projects(trigger),
    scenario("[{ method: POST, path: /api/v2/project/gh/acme/lib/pipeline, then: { status: 503 } }]"),
  );
  expect([outputOf(report, "call"), Object.keys(statuses(report))]).toEqual([
    expect.stringContaining("503\n"),
    ["gh/acme/app#1"],
  ]);
});

test("delays an answer", async () => {
  const report = await runProjects(
    projects("ask -o /dev/null -m 0.2 $CIRCLE_HOST/api/v2/me; ask -w '%{http_code}' $CIRCLE_HOST/api/v2/me"),
    scenario("[{ method: GET, path: /api/v2/me, then: { delay: 600ms } }]"),
  );
  expect(outputOf(report, "call")).toMatch(/curl 28\n.*200/s);
});

test("answers with an older state", async () => {
  const report = await runProjects(
    projects(
      `
look() { ask $CIRCLE_HOST/api/v2/workflow/$CIRCLE_WORKFLOW_ID | jq -r '.status // .message'; }
sleep 0.3
look
look`,
    ),
    scenario("[{ method: GET, path: /api/v2/workflow/*, then: { stale: 10s } }]"),
  );
  expect(outputOf(report, "call")).toMatch(/Workflow not found\nrunning\n/);
});

test("lists the faults that nothing met", async () => {
  const report = await runProjects(
    projects("true"),
    scenario("[{ method: GET, path: /api/v2/me, job: other, then: { drop: true } }]"),
  );
  expect([report.outcome, report.unused]).toEqual([
    "success",
    {
      // biome-ignore lint/suspicious/noThenProperty: the word of the scenario
      faults: [{ method: "GET", path: "/api/v2/me", job: "other", then: { drop: true } }],
      events: [],
    },
  ]);
});
