import { describe, expect, it } from "vitest";
import { commandsOf, compiled, problemsIn, withSteps } from "./compile-text.ts";

const tools = `version: 2.1
description: tools
executors:
  default:
    parameters: { tag: { type: string, default: "1" } }
    docker: [{ image: "acme/tools:<< parameters.tag >>" }]
    environment: { FROM: executor, KEPT: "1" }
commands:
  greet:
    parameters: { who: { type: string, default: world } }
    steps: [{ run: hello << parameters.who >> in << pipeline.number >> }]
jobs:
  greet:
    parameters:
      who: { type: string, default: world }
      executor: { type: executor, default: default }
      after: { type: steps, default: [] }
    executor: << parameters.executor >>
    environment: { FROM: job }
    steps: [{ greet: { who: << parameters.who >> } }, { steps: << parameters.after >> }]
examples: { one: { usage: { version: 2.1 } } }
`;

const orbs = { "acme/tools@1": tools };

describe("an orb from the registry", () => {
  it("gives commands under its alias", () => {
    const source = withSteps("- t/greet: { who: you }", "orbs: { t: acme/tools@1 }");
    expect(commandsOf(source, { orbs })).toEqual(["hello you in 7"]);
  });

  it("gives jobs and executors, and finds its own names by itself", () => {
    const source = `version: 2.1
orbs: { t: acme/tools@1 }
workflows: { main: { jobs: [t/greet] } }
`;
    expect(compiled(source, { orbs }).jobs["t/greet"]).toMatchObject({
      executor: "docker",
      image: "acme/tools:1",
      environment: { FROM: "job", KEPT: "1" },
      steps: [{ command: "hello world in 7" }],
    });
  });

  it("finds executors and steps that are passed in where they were written", () => {
    const source = `version: 2.1
orbs: { t: acme/tools@1 }
executors:
  mine: { parameters: { image: { type: string } }, docker: [{ image: << parameters.image >> }] }
commands:
  greet: { steps: [{ run: mine }] }
workflows:
  main:
    jobs:
      - t/greet:
          executor: { name: mine, image: a }
          after: [greet, t/greet]
      - t/greet:
          name: second
          executor: { name: t/default, tag: "2" }
`;
    const { jobs } = compiled(source, { orbs });
    expect(jobs["t/greet"]?.image).toBe("a");
    expect(jobs["t/greet"]?.steps.map((step) => step.kind === "run" && step.command)).toEqual([
      "hello world in 7",
      "mine",
      "hello world in 7",
    ]);
    expect(jobs.second?.image).toBe("acme/tools:2");
  });

  it("may be chosen by a pipeline parameter", () => {
    const source = withSteps(
      "- t/greet",
      `parameters: { orb: { type: string, default: acme/tools@1 } }
orbs: { t: << pipeline.parameters.orb >> }`,
    );
    expect(commandsOf(source, { orbs })).toEqual(["hello world in 7"]);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    [
      "acme/tools@2",
      orbs,
      "orbs.t: Cannot find acme/tools@2 in the orb registry. Check that the namespace, orb name and version are correct.",
    ],
    ["acme/a@1", { "acme/a@1": "commands: {}" }, "orbs.t: Orb 'acme/a@1': orbs must declare version: 2.1"],
    [
      "acme/a@1",
      {
        "acme/a@1": "version: 2.1\norbs: { b: acme/b@1 }",
        "acme/b@1": "version: 2.1\norbs: { a: acme/a@1 }",
      },
      "orbs.t.orbs.b.orbs.a: Circular orb import: acme/a@1 → acme/b@1 → acme/a@1",
    ],
  ])("is refused: %s", (reference, registry, problem) => {
    const source = withSteps("- t/greet", `orbs: { t: ${reference} }`);
    expect(problemsIn(source, { orbs: registry })).toEqual([problem]);
  });

  it("is refused when it defines workflows", () => {
    const [problem] = problemsIn(withSteps("- checkout", "orbs: { t: a/b@1 }"), {
      orbs: { "a/b@1": "version: 2.1\nworkflows: {}" },
    });
    expect(problem?.split("\n")[0]).toBe("orbs.t: extraneous key [workflows] is not permitted");
  });
});

describe("an inline orb", () => {
  it("imports others, whose names stay its own", () => {
    const source = (step: string) =>
      withSteps(
        `- ${step}`,
        `orbs:
  mine:
    orbs: { t: acme/tools@1 }
    commands: { both: { steps: [t/greet, own] }, own: { steps: [{ run: own }] } }`,
      );
    expect(commandsOf(source("mine/both"), { orbs })).toEqual(["hello world in 7", "own"]);
    expect(problemsIn(source("t/greet"), { orbs })).toEqual([
      "jobs.build.steps.0: Cannot find a definition for command named t/greet",
    ]);
  });

  it("sees pipeline values, but no pipeline parameters and no names of the configuration", () => {
    const source = (step: string) =>
      withSteps(
        "- mine/c",
        `parameters: { p: { type: string, default: a } }
commands: { outside: { steps: [checkout] } }
orbs: { mine: { commands: { c: { steps: [${step}] } } } }`,
      );
    expect(commandsOf(source("{ run: << pipeline.git.branch >> }"))).toEqual(["main"]);
    expect(problemsIn(source("{ run: << pipeline.parameters.p >> }"))).toEqual([
      "orbs.mine.commands.c.steps.0.run: Arguments referenced without declared parameters: pipeline.parameters.p (pipeline parameters are not available in orbs)",
    ]);
    expect(problemsIn(source("outside"))).toEqual([
      "orbs.mine.commands.c.steps.0: Cannot find a definition for command named outside",
    ]);
  });
});
