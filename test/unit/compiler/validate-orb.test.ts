import { expect, test } from "vitest";
import { validateOrb } from "../../../src/simulator/compiler/validate-orb.ts";

const other = "version: 2.1\ncommands: { greet: { parameters: { who: { type: string } }, steps: [] } }\n";

function problemsIn(orb: string): readonly string[] {
  const errors = validateOrb(`version: 2.1\n${orb}`, new Map([["acme/other@1", other]]));
  return errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
}

test("finds nothing in an orb that uses every type of parameter, conditions, and another orb", () => {
  const orb = `
orbs: { other: acme/other@1 }
executors:
  default: { parameters: { tag: { type: string } }, docker: [{ image: "a:<< parameters.tag >>" }] }
commands:
  all:
    parameters:
      text: { type: string, default: "" }
      flag: { type: boolean }
      count: { type: integer }
      kind: { type: enum, enum: [a, b] }
      variable: { type: env_var_name, default: TOKEN }
      after: { type: steps, default: [] }
    steps:
      - run: { command: "echo << parameters.text >> \\\\<< << parameters.kind >>", environment: { A: << parameters.count >> } }
      - when: { condition: << parameters.flag >>, steps: [other/greet: { who: you }] }
      - unless: { condition: { equal: [a, << parameters.kind >>] }, steps: << parameters.after >> }
      - steps: << parameters.after >>
jobs:
  all:
    parameters: { executor: { type: executor, default: default } }
    executor: << parameters.executor >>
    steps: [checkout, all: { flag: true, count: 1, kind: a }]
examples: {}
`;
  expect(problemsIn(orb)).toEqual([]);
});

test.each([
  ["a: {", /^Unable to parse YAML\n/],
  ["comands: {}", /^extraneous key \[comands\] is not permitted\n/],
  ["commands: { a: { step: [] } }", /^commands\.a: extraneous key \[step\] is not permitted\n/],
  [
    "commands: { a: { steps: [run: << parameters.b >>] } }",
    /^commands\.a\.steps\.0\.run: Arguments referenced without declared parameters: parameters\.b$/,
  ],
  [
    "commands: { a: { steps: [run: << pipeline.parameters.b >>] } }",
    /parameters\.b \(pipeline parameters are not available in orbs\)$/,
  ],
  [
    "commands: { a: { parameters: { b: { type: text } }, steps: [] } }",
    /^commands\.a\.parameters\.b\.type: Input not a valid enum value; /,
  ],
  [
    "commands: { a: { steps: [when: { condition: true, steps: [b] }] } }",
    /^commands\.a\.steps\.0\.when\.steps\.0\.b: Cannot find a definition for command named b$/,
  ],
  [
    "jobs: { a: { executor: { name: b }, steps: [] } }",
    /^jobs\.a\.executor: Cannot find a definition for executor named b$/,
  ],
  [
    "commands: { a: { parameters: { c: { type: string } }, steps: [] }, b: { steps: [a: { d: 1 }] } }",
    /^commands\.b\.steps\.0\.a: Error calling command: 'a'\nUnexpected argument\(s\): d$/,
  ],
  ["orbs: { b: acme/none@1 }", /^orbs\.b: Cannot find acme\/none@1 in the orb registry\. /],
])("says what is wrong with %s", (orb, message) => {
  expect(problemsIn(orb)[0]).toMatch(message);
});

test("says that a required argument is missing", () => {
  expect(problemsIn("orbs: { other: acme/other@1 }\ncommands: { a: { steps: [other/greet] } }")).toEqual([
    "commands.a.steps.0.other/greet: Error calling command: 'other/greet'\nMissing required argument(s): who",
  ]);
});

test("asks for version 2.1", () => {
  expect(validateOrb("version: 2", new Map())).toEqual([
    { path: "", message: "orbs must declare version: 2.1" },
  ]);
});
