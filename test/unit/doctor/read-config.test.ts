import { expect, test } from "vitest";
import { readConfig } from "../../../src/doctor/read-config.ts";

test("reads jobs of the orb, jobs of one's own with its commands, and what a workflow says of them", () => {
  const text = `
version: 2.1
orbs: { circleback: acme/circleback@1, other: acme/other@2 }
parameters: { circleback: { type: string, default: "" } }
defaults: &defaults { context: [one, two] }
jobs:
  go:
    docker: [{ image: "cimg/base:current" }]
    steps:
      - checkout
      - other/step
      - when:
          condition: << pipeline.parameters.circleback >>
          steps:
            - circleback/trigger-and-wait: { project: gh/acme/child }
workflows:
  version: 2
  main:
    jobs:
      - go: { <<: *defaults, name: started }
      - hold: { type: approval, requires: [started] }
      - circleback/check-status:
          requires: [{ hold: terminal }, { started: [success, failed] }]
          context: three
          post-steps: [circleback/set-output: { key: a }]
`;
  expect(readConfig(text)).toEqual({
    parameters: { circleback: { type: "string", default: "" } },
    workflows: [
      {
        name: "main",
        jobs: [
          {
            name: "started",
            isApproval: false,
            requires: new Map(),
            contexts: ["one", "two"],
            runs: [
              { command: "step", parameters: {} },
              { command: "trigger-and-wait", parameters: { project: "gh/acme/child" } },
            ],
          },
          {
            name: "hold",
            isApproval: true,
            requires: new Map([["started", null]]),
            contexts: [],
            runs: [],
          },
          {
            name: "circleback/check-status",
            isApproval: false,
            requires: new Map([
              ["hold", ["terminal"]],
              ["started", ["success", "failed"]],
            ]),
            contexts: ["three"],
            runs: [
              { command: "check-status", parameters: expect.objectContaining({ context: "three" }) },
              { command: "set-output", parameters: { key: "a" } },
            ],
          },
        ],
      },
    ],
  });
});

test.each(["- a\n- b", "just words", ""])("refuses what is no mapping: %j", (text) => {
  expect(() => readConfig(text)).toThrow("It is no YAML mapping.");
});

test("fills in what a matrix, a job and a command of one's own are given, and follows the commands", () => {
  const text = `
orbs: { circleback: acme/circleback@1 }
commands:
  start:
    parameters: { child: { type: string }, hold: { type: string, default: hold }, more: { type: steps, default: [] } }
    steps:
      - circleback/trigger-and-wait:
          project: gh/acme/<< parameters.child >>
          approval-job: << parameters.hold >>
          branch: << parameters.branch >>
      - steps: << parameters.more >>
jobs:
  go:
    parameters: { child: { type: string } }
    steps:
      - when:
          condition: true
          steps:
            - start: { child: << parameters.child >>, more: [circleback/set-output: { key: a }] }
workflows:
  main:
    jobs:
      - go: { matrix: { parameters: { child: [one, two] } }, context: [<< matrix.child >>] }
      - circleback/check-status: { requires: [go] }
`;
  const runs = (child: string) => [
    {
      command: "trigger-and-wait",
      parameters: {
        project: `gh/acme/${child}`,
        "approval-job": "hold",
        branch: "<< parameters.branch >>",
      },
    },
    { command: "set-output", parameters: { key: "a" } },
  ];
  const [main] = readConfig(text).workflows;
  expect(
    main?.jobs.map(({ name, contexts, requires, runs }) => [name, contexts, [...requires.keys()], runs]),
  ).toEqual([
    ["go-one", ["one"], [], runs("one")],
    ["go-two", ["two"], [], runs("two")],
    [
      "circleback/check-status",
      [],
      ["go-one", "go-two"],
      [{ command: "check-status", parameters: { requires: ["go"] } }],
    ],
  ]);
});
