import { expect, test } from "vitest";
import { outputOf, requests, runProjects, statuses } from "../support/simulator.ts";

const api = 'curl -sS -H "Circle-Token: $CIRCLE_TOKEN" -H "Content-Type: application/json"';

const parent = `
version: 2.1
jobs:
  trigger:
    docker: [{ image: "cimg/base:current" }]
    steps:
      - run: >-
          ${api} -w '%{http_code}' -d "{\\"parameters\\":{\\"parent\\":\\"$CIRCLE_WORKFLOW_ID\\"}}"
          https://circleci.com/api/v2/project/gh/acme/child/pipeline
  judge:
    docker: [{ image: "cimg/base:current" }]
    steps: [run: echo judged]
workflows:
  release:
    jobs:
      - trigger: { context: api }
      - hold: { type: approval, requires: [trigger] }
      - judge: { requires: [hold] }
`;

const child = `
version: 2.1
parameters: { parent: { type: string, default: "" } }
jobs:
  call-back:
    docker: [{ image: "cimg/base:current" }]
    environment: { PARENT: << pipeline.parameters.parent >> }
    steps:
      - run:
          name: Approve
          command: |
            while :; do
              id=$(${api} "$CIRCLE_HOST/api/v2/workflow/$PARENT/job" |
                jq -r '.items[] | select(.name == "hold" and .status == "on_hold") | .id')
              if [ -n "$id" ]; then break; fi
              sleep 0.05
            done
            ${api} -X POST "$CIRCLE_HOST/api/v2/workflow/$PARENT/approve/$id"
workflows:
  integration:
    jobs: [call-back: { context: api }]
`;

const projects = { "gh/acme/parent": parent, "gh/acme/child": child };

test("one project triggers another, sleeps on a hold and is woken", async () => {
  const report = await runProjects(
    projects,
    `
tokens: { secret: { login: release-bot, projects: ["gh/acme/*"] } }
contexts: { api: { CIRCLE_TOKEN: secret } }
trigger: [{ project: gh/acme/parent }]
`,
  );
  expect(statuses(report)).toEqual({
    "gh/acme/parent#1": {
      release: { status: "success", jobs: { trigger: "success", hold: "success", judge: "success" } },
    },
    "gh/acme/child#1": { integration: { status: "success", jobs: { "call-back": "success" } } },
  });
  const [first, second] = report.pipelines;
  const [trigger, hold, judge] = first?.workflows[0]?.jobs ?? [];
  const callBack = second?.workflows[0]?.jobs[0];
  expect({
    outcome: report.outcome,
    unused: report.unused,
    triggers: report.pipelines.map(({ trigger, parameters }) => [trigger.type, trigger.actor, parameters]),
    approvedBy: hold?.approved_by,
    holdCosts: hold?.compute_seconds,
    judgeStartedAfterHold: Date.parse(judge?.started_at ?? "") >= Date.parse(hold?.stopped_at ?? ""),
    firstRequest: { ...report.requests[0], at_ms: 0 },
    callers: [...new Set(report.requests.map(({ job }) => job))],
    lastRequest: requests(report).at(-1),
  }).toEqual({
    outcome: "success",
    unused: { faults: [], events: [] },
    triggers: [
      ["api", "developer", {}],
      ["api", "release-bot", { parent: first?.workflows[0]?.id }],
    ],
    approvedBy: "release-bot",
    holdCosts: 0,
    judgeStartedAfterHold: true,
    firstRequest: {
      at_ms: 0,
      method: "POST",
      path: "/api/v2/project/gh/acme/child/pipeline",
      status: 201,
      job: trigger?.id,
      fault: null,
    },
    callers: [trigger?.id, callBack?.id],
    lastRequest: `POST /api/v2/workflow/${first?.workflows[0]?.id}/approve/${hold?.id} 202`,
  });
});

test.each([
  ["a token that nobody owns", "api: { CIRCLE_TOKEN: wrong }"],
  ["a token without access to the project", "api: { CIRCLE_TOKEN: blind }"],
  ["no token", "api: { OTHER: x }"],
])("%s finds no project", async (_, context) => {
  const report = await runProjects(
    projects,
    `
tokens: { blind: { login: release-bot, projects: [gh/acme/parent] } }
contexts: { ${context} }
trigger: [{ project: gh/acme/parent }]
events: [{ on: { workflow: release, status: on_hold }, do: cancel-workflow }]
`,
  );
  expect({
    statuses: statuses(report),
    requests: requests(report),
    output: outputOf(report, "trigger"),
    outcome: report.outcome,
  }).toEqual({
    statuses: {
      "gh/acme/parent#1": {
        release: { status: "canceled", jobs: { trigger: "success", hold: "canceled", judge: "canceled" } },
      },
    },
    requests: ["POST /api/v2/project/gh/acme/child/pipeline 404"],
    output: '{"message":"Project not found"}404',
    outcome: "canceled",
  });
});

test("a job may not use a context that is closed to whoever started it", async () => {
  const scenario = `
contexts: { api: { values: { CIRCLE_TOKEN: secret }, allow: [release-bot] } }
trigger: [{ project: gh/acme/parent, as: LOGIN }]
`;
  const [outsider, member] = await Promise.all([
    runProjects(projects, scenario.replace("LOGIN", "outsider")),
    runProjects(projects, scenario.replace("LOGIN", "release-bot")),
  ]);
  expect([outsider.outcome, statuses(outsider), statuses(member)]).toEqual([
    "unauthorized",
    {
      "gh/acme/parent#1": {
        release: {
          status: "unauthorized",
          jobs: { trigger: "unauthorized", hold: "not_run", judge: "not_run" },
        },
      },
    },
    {
      "gh/acme/parent#1": {
        release: { status: "on_hold", jobs: { trigger: "success", hold: "on_hold", judge: "blocked" } },
      },
    },
  ]);
});

test("warns of a token that is sent past the API to where artifacts lie", async () => {
  const warnings: string[] = [];
  const report = await runProjects(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  read:
    docker: [{ image: "cimg/base:current" }]
    steps:
      - run: echo content > a.txt
      - store_artifacts: { path: a.txt }
      - run:
          name: Read
          command: |
            list=$(${api} "$CIRCLE_HOST/api/v2/project/gh/acme/app/$CIRCLE_BUILD_NUM/artifacts")
            ${api} -L "$(echo "$list" | jq -r '.items[0].url')"
workflows:
  w: { jobs: [read: { context: api }] }
`,
    },
    `
tokens: { secret: { login: release-bot } }
contexts: { api: { CIRCLE_TOKEN: secret } }
trigger: [{ project: gh/acme/app }]
`,
    { onWarning: (sentence) => warnings.push(sentence) },
  );
  const job = report.pipelines[0]?.workflows[0]?.jobs[0];
  expect([outputOf(report, "read"), warnings]).toEqual([
    expect.stringMatching(/content\n$/),
    [`A circle-token header was sent to the origin of artifacts, which is not the API: /${job?.id}/0/a.txt`],
  ]);
});
