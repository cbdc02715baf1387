import { describe, expect, it } from "vitest";
import { commandsOf, compiled, problemsIn, stepsOf, withSteps } from "./compile-text.ts";

const parameters = `parameters:
  text: { type: string, default: plain }
  flag: { type: boolean, default: true }
  count: { type: integer, default: 3 }
`;

describe("interpolation in text", () => {
  it.each([
    ["a << pipeline.parameters.text >> b", "a plain b"],
    ["<<pipeline.parameters.text>><<pipeline.parameters.count>>", "plain3"],
    ["flag=<< pipeline.parameters.flag >>", "flag=true"],
    ["build << pipeline.number >> of << pipeline.git.branch >>", "build 7 of main"],
    ["tag=<< pipeline.git.tag >>.", "tag=."],
    ['on << pipeline.git.tag or "no tag" >>', "on no tag"],
    ["cat \\<<EOF", "cat <<EOF"],
    ["\\<< pipeline.number >> is << pipeline.number >>", "<< pipeline.number >> is 7"],
    ["a >> b", "a >> b"],
    ["a<<# pipeline.parameters.flag >>-<< pipeline.number >><</ pipeline.parameters.flag >>.", "a-7."],
    ["a<<^pipeline.parameters.flag>>-<< pipeline.number >><</pipeline.parameters.flag>>.", "a."],
    ["a<<#pipeline.git.tag>>b<</pipeline.git.tag>><<^pipeline.git.tag>>c<</pipeline.git.tag>>", "ac"],
    [
      "<<#pipeline.number>>a<<^pipeline.parameters.flag>>b<</pipeline.parameters.flag>>c<</pipeline.number>>",
      "ac",
    ],
  ])("turns %s into %s", (command, expected) => {
    expect(commandsOf(withSteps(`- run: '${command}'`, parameters))).toEqual([expected]);
  });

  it("keeps the type of a value that stands alone", () => {
    const source = `version: 2.1
${parameters}
jobs:
  build:
    docker: [{ image: "cimg/base:<< pipeline.parameters.text >>" }]
    parallelism: << pipeline.parameters.count >>
    resource_class: << pipeline.git.branch == "main" and "large" or "small" >>
    steps: [{ run: { command: x, background: << pipeline.parameters.flag >> } }]
`;
    expect(compiled(source).jobs.build).toMatchObject({
      image: "cimg/base:plain",
      parallelism: 3,
      resourceClass: "large",
      steps: [{ background: true }],
    });
  });

  it("replaces keys too", () => {
    const source = withSteps(
      "- run: { command: x, environment: { << pipeline.parameters.text >>: v } }",
      parameters,
    );
    expect(stepsOf(source)).toMatchObject([{ environment: { plain: "v" } }]);
  });
});

describe("interpolation in environment", () => {
  it("gives the process 1 and 0 for booleans and <nil> for an empty pipeline value", () => {
    const source = withSteps(
      `- run:
    command: x
    environment:
      YES: << pipeline.parameters.flag >>
      NO: false
      NUMBER: << pipeline.parameters.count >>
      PRICE: 1.20
      IN_TEXT: "<< pipeline.parameters.flag >>!"
      TAG: << pipeline.git.tag >>
      EMPTY: ""
      QUOTED: "true"`,
      parameters,
    );
    expect(stepsOf(source)).toMatchObject([
      {
        environment: {
          YES: "1",
          NO: "0",
          NUMBER: "3",
          PRICE: "1.2",
          IN_TEXT: "true!",
          TAG: "<nil>",
          EMPTY: "",
          QUOTED: "true",
        },
      },
    ]);
  });

  it("does the same for a job, and shows the values themselves in the compiled document", () => {
    const source = `version: 2.1
${parameters}
jobs:
  build:
    docker: [{ image: i }]
    environment: { FLAG: << pipeline.parameters.flag >> }
    steps: [checkout]
`;
    const config = compiled(source);
    expect(config.jobs.build?.environment).toEqual({ FLAG: "1" });
    expect(config.yaml).toContain("FLAG: true");
  });
});

describe("interpolation refuses", () => {
  it.each([
    [
      "<< parameters.nothing >>",
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: parameters.nothing",
    ],
    [
      "<< pipeline.parameters.nothing >> and more",
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: pipeline.parameters.nothing",
    ],
    [
      "<< pipeline.number == 7 or pipeline.parameters.nothing >>",
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: pipeline.parameters.nothing",
    ],
    [
      "cat <<EOF",
      "jobs.build.steps.0.run: Unclosed '<<' tag in string: 'cat <<EOF'\n('<<' must be escaped as '\\<<' in config v2.1+)",
    ],
    ["cat << >>", "jobs.build.steps.0.run: Expected expression"],
    ["<<#pipeline.number>>", "jobs.build.steps.0.run: Unclosed section 'pipeline.number'"],
    ["<<#pipeline.number>><</number>>", "jobs.build.steps.0.run: Nothing to close at << /number >>"],
    [
      "<<^parameters.a>>b<</parameters.a>>",
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: parameters.a",
    ],
  ])("%s", (command, problem) => {
    expect(problemsIn(withSteps(`- run: ${JSON.stringify(command)}`))).toEqual([problem]);
  });

  it("every text at once, each with its path", () => {
    const source = withSteps(`- run: << parameters.a >> << matrix.a >>
- when:
    condition: false
    steps:
      - run: { command: << parameters.b >> }`);
    expect(problemsIn(source)).toEqual([
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: parameters.a",
      "jobs.build.steps.0.run: Arguments referenced without declared parameters: matrix.a",
      "jobs.build.steps.1.when.steps.0.run.command: Arguments referenced without declared parameters: parameters.b",
    ]);
  });
});

describe("version 2", () => {
  it("leaves << as it is", () => {
    const source = `version: 2
jobs:
  build:
    docker: [{ image: i }]
    steps: [{ run: "cat <<EOF << pipeline.id >> \\\\<<" }]
`;
    expect(commandsOf(source)).toEqual(["cat <<EOF << pipeline.id >> \\<<"]);
  });

  it("refuses what only 2.1 has", () => {
    const source =
      "version: 2\norbs: {}\ncommands: {}\nparameters: {}\njobs: { build: { machine: true, steps: [checkout] } }\n";
    expect(problemsIn(source)).toEqual([
      "orbs: 'orbs' requires version: 2.1",
      "commands: 'commands' requires version: 2.1",
      "parameters: 'parameters' requires version: 2.1",
    ]);
  });
});
