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
