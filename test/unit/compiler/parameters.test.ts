import { describe, expect, it } from "vitest";
import { commandsOf, compiled, compileText, problemsIn, withSteps } from "./compile-text.ts";

const job = "jobs: { build: { machine: true, steps: [checkout] } }\n";

function pipelineProblems(declaration: string, parameters: Record<string, string | number | boolean>) {
  return problemsIn(`version: 2.1\nparameters: { p: ${declaration} }\n${job}`, { parameters });
}

describe("pipeline parameters", () => {
  it("answers given values and defaults", () => {
    const source = `version: 2.1
parameters:
  given: { type: string, default: a }
  default: { type: integer, default: 3 }
  on: { type: boolean, default: off }
  level: { type: enum, enum: [low, high], default: low }
${job}`;
    const result = compileText(source, { parameters: { given: "b", level: "high" } });
    expect(result.ok && result.parameters).toEqual({ given: "b", default: 3, on: false, level: "high" });
  });

  it.each<[string, Record<string, string | number | boolean>, readonly string[]]>([
    ["{ type: string, default: a }", { p: "" }, []],
    ["{ type: string, default: a }", { q: "x", r: "y" }, ["parameters: Unexpected argument(s): q, r"]],
    [
      "{ type: string, default: a }",
      { p: 1 },
      ['parameters.p: Type error for argument p: expected type: string, actual value: "1" (type integer)'],
    ],
    [
      "{ type: boolean, default: true }",
      { p: "true" },
      ['parameters.p: Type error for argument p: expected type: boolean, actual value: "true" (type string)'],
    ],
    [
      "{ type: integer, default: 1 }",
      { p: 1.5 },
      ['parameters.p: Type error for argument p: expected type: integer, actual value: "1.5" (type number)'],
    ],
    [
      "{ type: enum, enum: [a, b], default: a }",
      { p: "c" },
      [
        'parameters.p: Type error for argument p: expected type: enum, one of: a, b, actual value: "c" (type string)',
      ],
    ],
    ["{ type: string }", {}, ["parameters.p: required key [default] not found"]],
    [
      "{ type: steps, default: [] }",
      {},
      ["parameters.p.type: Input not a valid enum value; one of: string, boolean, integer, enum"],
    ],
    [
      "{ type: enum, enum: [a], default: b }",
      {},
      [
        'parameters.p.default: Type error for argument p: expected type: enum, one of: a, actual value: "b" (type string)',
      ],
    ],
    [
      "{ type: string, default: a, kind: b }",
      {},
      [
        "parameters.p: extraneous key [kind] is not permitted\nPermitted keys:\n  - type\n  - default\n  - description\n  - enum",
      ],
    ],
  ])("%s with %j", (declaration, parameters, problems) => {
    expect(pipelineProblems(declaration, parameters)).toEqual(problems);
  });

  it("are not in scope for one another", () => {
    const source = withSteps(
      "- run: << pipeline.parameters.b >>",
      'parameters: { a: { type: string, default: x }, b: { type: string, default: "<< pipeline.parameters.a >>" } }',
    );
    expect(commandsOf(source)).toEqual(["<< pipeline.parameters.a >>"]);
  });
});

const commands = `commands:
  say:
    parameters:
      text: { type: string }
      loud: { type: boolean, default: false }
      times: { type: integer, default: 1 }
      mood: { type: enum, enum: [kind, rude], default: kind }
      token: { type: env_var_name, default: TOKEN }
    steps:
      - run: "<< parameters.text >> << parameters.loud >> << parameters.times >> << parameters.mood >> $<< parameters.token >>"
`;

describe("element parameters", () => {
  it.each([
    ["{ text: hi }", "hi false 1 kind $TOKEN"],
    ['{ text: "1", loud: yes, times: 2, mood: rude, token: OTHER }', "1 true 2 rude $OTHER"],
    ["{ text: << pipeline.git.tag >> }", " false 1 kind $TOKEN"],
  ])("accept %s", (args, command) => {
    expect(commandsOf(withSteps(`- say: ${args}`, commands))).toEqual([command]);
  });

  it.each([
    ["- say", ["jobs.build.steps.0: Missing required argument(s): text"]],
    [
      "- say: { txt: a, loud: loud }",
      [
        "jobs.build.steps.0.say: Unexpected argument(s): txt",
        'jobs.build.steps.0.say.loud: Type error for argument loud: expected type: boolean, actual value: "loud" (type string)',
        "jobs.build.steps.0.say: Missing required argument(s): text",
      ],
    ],
    [
      "- say: { text: yes }",
      [
        'jobs.build.steps.0.say.text: Type error for argument text: expected type: string, actual value: "true" (type boolean)',
      ],
    ],
    [
      "- say: { text: a, token: not-a-name }",
      [
        'jobs.build.steps.0.say.token: Type error for argument token: expected type: env_var_name, actual value: "not-a-name" (type string)',
      ],
    ],
    [
      "- say: { text: [a] }",
      [
        'jobs.build.steps.0.say.text: Type error for argument text: expected type: string, actual value: ["a"] (type sequence)',
      ],
    ],
  ])("%s is refused", (steps, problems) => {
    expect(problemsIn(withSteps(steps, commands))).toEqual(problems);
  });

  it("may take defaults from the pipeline", () => {
    const source = withSteps(
      "- say",
      `parameters: { p: { type: string, default: from the pipeline } }
commands:
  say:
    parameters: { text: { type: string, default: << pipeline.parameters.p >> } }
    steps: [{ run: << parameters.text >> }]`,
    );
    expect(commandsOf(source)).toEqual(["from the pipeline"]);
  });

  it("are not inherited by the commands that an element calls", () => {
    const source = withSteps(
      "- outer: { text: a }",
      `commands:
  outer: { parameters: { text: { type: string } }, steps: [inner] }
  inner: { steps: [{ run: << parameters.text >> }] }`,
    );
    expect(problemsIn(source)).toEqual([
      "commands.inner.steps.0.run: Arguments referenced without declared parameters: parameters.text",
    ]);
  });

  it("reads the booleans of YAML 1.1, but no other of its oddities", () => {
    const source = `version: 2.1
jobs:
  build:
    machine: true
    environment: { A: on, B: Off, C: y, D: 012, E: 1:30, on: x }
    steps: [checkout]
`;
    expect(compiled(source).jobs.build?.environment).toEqual({
      A: "1",
      B: "0",
      C: "y",
      D: "12",
      E: "1:30",
      on: "x",
    });
  });
});
