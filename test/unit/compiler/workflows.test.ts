import { describe, expect, it } from "vitest";
import { compiled, graphOf, problemsIn } from "./compile-text.ts";

const jobs = `jobs:
  a: { machine: true, steps: [checkout] }
  b: { machine: true, steps: [checkout] }
  c: { machine: true, steps: [checkout] }
  say:
    parameters: { text: { type: string, default: hi }, loud: { type: boolean, default: false } }
    machine: true
    steps: [{ run: << parameters.text >> << parameters.loud >> }]
  nothing: { type: no-op }
`;

function config(workflowJobs: string, rest = ""): string {
  const list = workflowJobs.replaceAll(/^/gm, "      ");
  return `version: 2.1\n${rest}\n${jobs}workflows:\n  main:\n    jobs:\n${list}\n`;
}

describe("a workflow", () => {
  it("lists its jobs with everything that the engine needs", () => {
    const source = `version: 2.1
${jobs}workflows:
  version: 2
  main:
    max_auto_reruns: 2
    jobs:
      - a
      - hold: { type: approval, requires: [a] }
      - nothing: { requires: [hold] }
      - say:
          name: shout
          text: hey
          loud: true
          context: [one, two, one]
          serial-group: << pipeline.number >>/deploy
          requires: [{ hold: failed }, { nothing: [success, canceled] }, { a: terminal }]
      - b: { context: one }
`;
    const config = compiled(source);
    const job = { contexts: [], requires: [], serialGroup: null };
    expect(config.workflows).toEqual([
      {
        name: "main",
        maxAutoReruns: 2,
        jobs: [
          { ...job, name: "a", type: "build", job: "a" },
          {
            ...job,
            name: "hold",
            type: "approval",
            job: null,
            requires: [{ job: "a", statuses: ["success"] }],
          },
          {
            ...job,
            name: "nothing",
            type: "no-op",
            job: null,
            requires: [{ job: "hold", statuses: ["success"] }],
          },
          {
            name: "shout",
            type: "build",
            job: "shout",
            contexts: ["one", "two"],
            serialGroup: "7/deploy",
            requires: [
              { job: "hold", statuses: ["failed"] },
              { job: "nothing", statuses: ["success", "canceled"] },
              { job: "a", statuses: ["success", "failed", "canceled", "unauthorized", "not_run"] },
            ],
          },
          { ...job, name: "b", type: "build", job: "b", contexts: ["one"] },
        ],
      },
    ]);
    expect(config.yaml).toBe(`version: 2
jobs:
  a:
    machine: true
    steps:
    - checkout
  nothing:
    type: no-op
  shout:
    machine: true
    steps:
    - run:
        command: hey true
  b:
    machine: true
    steps:
    - checkout
workflows:
  version: 2
  main:
    max_auto_reruns: 2
    jobs:
    - a
    - hold:
        type: approval
        requires:
        - a
    - nothing:
        requires:
        - hold
    - shout:
        requires:
        - hold:
          - failed
        - nothing:
          - success
          - canceled
        - a:
          - success
          - failed
          - canceled
          - unauthorized
          - not_run
        context:
        - one
        - two
        serial-group: 7/deploy
    - b:
        context:
        - one
`);
  });

  it("is the job build when there are no workflows", () => {
    const source = "version: 2.1\njobs: { build: { machine: true, steps: [checkout] } }\n";
    expect(compiled(source).workflows.map(({ name, jobs }) => [name, jobs.map((job) => job.name)])).toEqual([
      ["workflow", ["build"]],
    ]);
    expect(problemsIn(`version: 2.1\n${jobs}`)).toEqual([
      "workflows: Cannot find a job named `build` to run in the `jobs:` section of your configuration file.\nIf you expected a workflow to run, check your config contains a top-level key called 'workflows:'",
    ]);
  });

  it("puts pre-steps and post-steps around a job's own, with commands of the configuration", () => {
    const source = config(
      `- say:
    pre-steps: [checkout, { run: before << pipeline.number >> }]
    post-steps: [after]`,
      "commands: { after: { steps: [{ run: { command: after, when: always } }] } }",
    );
    expect(
      compiled(source).jobs.say?.steps.map((step) => (step.kind === "run" ? step.command : step.kind)),
    ).toEqual(["checkout", "before 7", "hi false", "after"]);
  });

  it("takes a job from an orb instead when there is one", () => {
    const orbs = "orbs: { o: { jobs: { a: { machine: true, steps: [{ run: from the orb }] } } } }";
    const of = (override: string) =>
      compiled(config(`- a: { override-with: ${override} }`, orbs)).jobs.a?.steps.map((step) => step.kind);
    expect(of("o/a")).toEqual(["run"]);
    expect(of("o/b")).toEqual(["checkout"]);
  });

  it.each([
    ["- nope", "workflows.main.jobs.0: Cannot find a definition for job named nope"],
    ["- a: { filter: {} }", "workflows.main.jobs.0.a: Unexpected argument(s): filter"],
    [
      "- say: { text: 1 }",
      'workflows.main.jobs.0.say.text: Type error for argument text: expected type: string, actual value: "1" (type integer)',
    ],
    [
      "- say: { text: << parameters.x >> }",
      "workflows.main.jobs.0.say.text: Arguments referenced without declared parameters: parameters.x",
    ],
    [
      "- a: { requires: [nope] }",
      "workflows.main.jobs.0.a.requires.0: Job 'a' requires 'nope', which is the name of 0 other jobs in workflow 'main'",
    ],
    [
      "- a: { requires: [a] }",
      "workflows.main.jobs.0.a.requires.0: Job 'a' requires 'a', which is the name of 0 other jobs in workflow 'main'",
    ],
    [
      "- a\n- a\n- b: { requires: [a] }",
      "workflows.main.jobs.2.b.requires.0: Job 'b' requires 'a', which is the name of 2 other jobs in workflow 'main'",
    ],
    [
      "- a: { requires: [b] }\n- b: { requires: [a] }",
      "workflows.main: At least one job in the workflow must have no dependencies.\nThe following jobs are unreachable: a, b",
    ],
    [
      "- a\n- b: { requires: [c] }\n- c: { requires: [b] }",
      "workflows.main: The following jobs are unreachable: b, c",
    ],
    [
      "- a\n- b: { requires: [{ a: done }] }",
      "workflows.main.jobs.1.b.requires.0.a: Input not a valid enum value; one of: success, failed, canceled, unauthorized, not_run, terminal; found: done",
    ],
    ["- a: { requires: b }", "workflows.main.jobs.0.a.requires: expected type: Sequence, found: String"],
    [
      "- a: { type: approval }",
      "workflows.main.jobs.0.a: The name of approval job 'a' must not be used to define a job",
    ],
    [
      "- a\n- hold: { type: approval, name: a }",
      "workflows.main.jobs.1.hold: The name of approval job 'a' must be unique in its workflow",
    ],
    ["- hold: { type: approval, text: a }", "workflows.main.jobs.0.hold: Unexpected argument(s): text"],
    [
      "- a: { type: no-op }",
      "workflows.main.jobs.0.a.type: Only approval jobs can have their type configured under workflows; found: no-op",
    ],
    [
      "- a: { serial-group: a b }",
      "workflows.main.jobs.0.a.serial-group: serial-group must be 1 to 512 characters long and consist of letters, digits, '.', '-', '_' and '/'",
    ],
    ["- a: { context: [1] }", "workflows.main.jobs.0.a.context: expected type: String, found: Integer"],
    ["- a: {}\n  b: {}", "workflows.main.jobs.0: maximum size: [1], found: [2]; a job has exactly one key"],
    [
      "- a: { pre-steps: [nope] }",
      "workflows.main.jobs.0.a.pre-steps.0: Cannot find a definition for command named nope",
    ],
  ])("refuses %s", (entries, problem) => {
    expect(problemsIn(config(entries))).toEqual([problem]);
  });

  it("reports every bad job, and no missing names because of them", () => {
    expect(problemsIn(config("- nope\n- gone\n- a: { requires: [nope] }"))).toEqual([
      "workflows.main.jobs.0: Cannot find a definition for job named nope",
      "workflows.main.jobs.1: Cannot find a definition for job named gone",
    ]);
  });
});

describe("a workflow runs", () => {
  const names = (head: string, world = {}) =>
    compiled(
      `version: 2.1
parameters: { on: { type: boolean, default: true }, off: { type: boolean, default: false } }
${jobs}workflows:
  always: { jobs: [a] }
  other: { ${head}, jobs: [a] }
`,
      world,
    ).workflows.map((workflow) => workflow.name);

  it.each<[string, boolean]>([
    ["when: << pipeline.parameters.on >>", true],
    ["when: << pipeline.parameters.off >>", false],
    ["unless: << pipeline.parameters.off >>", true],
    ["unless: pipeline.parameters.on", false],
    ["when: 'pipeline.git.branch == \"main\" and not pipeline.parameters.off'", true],
    ["when: { equal: [dev, << pipeline.git.branch >>] }", false],
    ["when: { not: { equal: [dev, << pipeline.git.branch >>] } }", true],
    ["when: pipeline.parameters.off or << pipeline.parameters.off >>", true],
    ["when: false", false],
    ['triggers: [{ schedule: { cron: "0 0 * * *", filters: { branches: { only: main } } } }]', false],
  ])("under %s: %j", (head, runs) => {
    expect(names(head)).toEqual(runs ? ["always", "other"] : ["always"]);
  });

  it("and is not even checked when it does not", () => {
    const source = `version: 2.1\n${jobs}workflows: { main: { when: false, jobs: [nope] } }\n`;
    expect(compiled(source).workflows).toEqual([]);
  });

  it.each([
    ["when: nonsense", "workflows.other.when: Arguments referenced without declared parameters: nonsense"],
    [
      "when: pipeline.parameters.gone",
      "workflows.other.when: Arguments referenced without declared parameters: pipeline.parameters.gone",
    ],
    ["when: { and: [] }", "workflows.other.when.and: minimum size: [1], found: [0]"],
    ["triggers: [push]", "workflows.other.triggers: required key [schedule] not found"],
    [
      "max_auto_reruns: 6",
      "workflows.other.max_auto_reruns: max_auto_reruns must be between 1 and 5, found: 6",
    ],
  ])("and refuses %s", (head, problem) => {
    expect(problemsIn(`version: 2.1\n${jobs}workflows: { other: { ${head}, jobs: [a] } }\n`)).toEqual([
      problem,
    ]);
  });
});

describe("a setup configuration", () => {
  const setup = (workflows: string) => `version: 2.1\nsetup: true\n${jobs}workflows: ${workflows}\n`;

  it("runs one workflow", () => {
    expect(compiled(setup("{ one: { jobs: [a] }, two: { when: false, jobs: [a] } }"))).toMatchObject({
      setup: true,
      workflows: [{ name: "one" }],
    });
  });

  it("is refused with more than one, or none", () => {
    expect(problemsIn(setup("{ one: { jobs: [a] }, two: { jobs: [a] } }"))).toEqual([
      "workflows: Max number of workflows exceeded.",
    ]);
    expect(problemsIn(setup("{ one: { when: false, jobs: [a] } }"))).toEqual([
      "workflows: A setup configuration must run one workflow.",
    ]);
  });
});

describe("a matrix", () => {
  it("makes a job of every combination, named after the values in the order of their parameters' names", () => {
    const source = config(`- say:
    matrix:
      parameters: { text: [x, y], loud: [true, false] }
      exclude: [{ text: y, loud: true }]
- a: { requires: [say] }`);
    const legs = ["say-true-x", "say-false-x", "say-false-y"];
    expect(graphOf(source)).toEqual({ ...Object.fromEntries(legs.map((leg) => [leg, []])), a: legs });
    expect(compiled(source).jobs["say-false-y"]?.steps).toMatchObject([{ command: "y false" }]);
  });

  it("gives its values to names and dependencies", () => {
    const source =
      config(`- say: { name: "one-<< matrix.text >>", matrix: { alias: ones, parameters: { text: [x, y] } } }
- say: { name: "two-<< matrix.text >>", matrix: { alias: twos, parameters: { text: [x, y] } }, requires: ["one-<< matrix.text >>"] }
- a: { requires: [twos] }`);
    expect(graphOf(source)).toEqual({
      "one-x": [],
      "one-y": [],
      "two-x": ["one-x"],
      "two-y": ["one-y"],
      a: ["two-x", "two-y"],
    });
  });

  it("takes executors as values", () => {
    const source = `version: 2.1
executors: { x: { docker: [{ image: ix }] }, y: { docker: [{ image: iy }] } }
jobs: { a: { parameters: { os: { type: executor } }, executor: << parameters.os >>, steps: [checkout] } }
workflows: { main: { jobs: [{ a: { matrix: { parameters: { os: [x, y] } } } }] } }
`;
    const { jobs } = compiled(source);
    expect(Object.entries(jobs).map(([name, job]) => [name, job.image])).toEqual([
      ["a-x", "ix"],
      ["a-y", "iy"],
    ]);
  });

  it.each([
    ["{ parameters: { text: x } }", "matrix.parameters.text: expected type: Sequence, found: String"],
    ["{ parameters: { text: [] } }", "matrix: The matrix has no jobs left"],
    ["{ alias: x }", "matrix: required key [parameters] not found"],
  ])("%s is refused", (matrix, problem) => {
    expect(problemsIn(config(`- say: { matrix: ${matrix} }`))).toEqual([
      `workflows.main.jobs.0.say.${problem}`,
    ]);
  });

  it("is refused with arguments that the job does not have", () => {
    expect(problemsIn(config("- say: { matrix: { parameters: { nope: [1] } } }"))).toEqual([
      "workflows.main.jobs.0.say: Unexpected argument(s): nope",
    ]);
  });
});

describe("names of jobs", () => {
  const namesIn = (workflows: string) =>
    compiled(`version: 2.1\n${jobs}workflows:\n${workflows}`).workflows.map((workflow) =>
      workflow.jobs.map((job) => job.name),
    );

  it("are shared by workflows that mean the same job", () => {
    expect(namesIn("  one: { jobs: [a, say] }\n  two: { jobs: [a, say] }\n")).toEqual([
      ["a", "say"],
      ["a", "say"],
    ]);
  });

  it("are numbered when a workflow repeats a job, or workflows mean different ones", () => {
    expect(
      namesIn("  one: { jobs: [say, { say: { text: a } }, a] }\n  two: { jobs: [{ say: { text: a } }] }\n"),
    ).toEqual([["say-1", "say-2", "a"], ["say-2"]]);
  });

  it("are numbered around names that are taken", () => {
    expect(namesIn("  one: { jobs: [a, a, { b: { name: a-1 } }] }\n")).toEqual([["a-2", "a-3", "a-1"]]);
  });
});
