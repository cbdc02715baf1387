import { describe, expect, it } from "vitest";
import type { CompiledStep } from "../../../src/simulator/compiler/compiled-config.ts";
import { run as runStep } from "../../support/run-step.ts";
import { commandsOf, compiled, problemsIn, stepsOf, withSteps } from "./compile-text.ts";

const run = runStep("x");

describe("a built-in step", () => {
  it.each<[string, CompiledStep]>([
    ["- run: x", run],
    ["- run: { command: x, name: }", run],
    ["- deploy: { command: x }", run],
    ["- run: |\n    a\n    b", { ...run, name: "a\nb\n", command: "a\nb\n" }],
    [
      "- run: { command: x, name: n, shell: bash, environment: { A: b }, background: true, working_directory: w, no_output_timeout: 1h 30m, when: always, max_auto_reruns: 3, auto_rerun_delay: 10s }",
      {
        ...run,
        name: "n",
        shell: "bash",
        environment: { A: "b" },
        background: true,
        workingDirectory: "w",
        noOutputTimeout: 5_400_000,
        when: "always",
        maxAutoReruns: 3,
        autoRerunDelay: 10_000,
      },
    ],
    [
      "- run: { command: x, no_output_timeout: 1.5m, environment: [A=b=c, { B: d }] }",
      { ...run, noOutputTimeout: 90_000, environment: { A: "b=c", B: "d" } },
    ],
    [
      "- run: { command: x, description: what it is for, environment: A=b=c }",
      { ...run, environment: { A: "b=c" } },
    ],
    ["- checkout", { kind: "checkout", path: null }],
    ["- checkout: { path: src, method: full }", { kind: "checkout", path: "src" }],
    [
      "- persist_to_workspace: { root: ., paths: [a, b/*] }",
      { kind: "persist_to_workspace", root: ".", paths: ["a", "b/*"] },
    ],
    [
      "- persist_to_workspace: { root: /tmp, paths: . }",
      { kind: "persist_to_workspace", root: "/tmp", paths: ["."] },
    ],
    ["- attach_workspace: { at: . }", { kind: "attach_workspace", at: "." }],
    ["- store_artifacts: { path: a }", { kind: "store_artifacts", path: "a", destination: null }],
    [
      "- store_artifacts: { path: a, destination: b }",
      { kind: "store_artifacts", path: "a", destination: "b" },
    ],
    ["- store_test_results: { path: a }", { kind: "store_test_results", path: "a" }],
    [
      "- save_cache: { key: k, paths: [a], when: always }",
      { kind: "save_cache", key: "k", paths: ["a"], when: "always" },
    ],
    ["- restore_cache: { key: a, keys: [b, c] }", { kind: "restore_cache", keys: ["a", "b", "c"] }],
    ["- setup_remote_docker", { kind: "setup_remote_docker" }],
    ["- setup_remote_docker: { version: default }", { kind: "setup_remote_docker" }],
    ["- add_ssh_keys", { kind: "add_ssh_keys", fingerprints: [] }],
    ["- add_ssh_keys: { fingerprints: [a] }", { kind: "add_ssh_keys", fingerprints: ["a"] }],
  ])("%s", (step, expected) => {
    expect(stepsOf(withSteps(step))).toEqual([expected]);
  });

  it.each([
    ["- chekcout", "jobs.build.steps.0: Cannot find a definition for command named chekcout"],
    ["- run:", "jobs.build.steps.0.run: expected type: Mapping, found: Null"],
    ["- run:\n  command: x", "jobs.build.steps.0: maximum size: [1], found: [2]; a step has exactly one key"],
    ["- run: { name: n }", "jobs.build.steps.0.run: required key [command] not found"],
    [
      "- checkout: { dir: n }",
      "jobs.build.steps.0.checkout: extraneous key [dir] is not permitted\nPermitted keys:\n  - path\n  - method\n  - name",
    ],
    [
      "- run: { command: x, background: sure }",
      "jobs.build.steps.0.run.background: expected type: Boolean, found: String",
    ],
    [
      "- run: { command: x, max_auto_reruns: 6 }",
      "jobs.build.steps.0.run.max_auto_reruns: max_auto_reruns must be between 1 and 5, found: 6",
    ],
    [
      "- run: { command: x, auto_rerun_delay: 1s }",
      "jobs.build.steps.0.run: auto_rerun_delay can only be set along with max_auto_reruns",
    ],
    [
      "- run: { command: x, max_auto_reruns: 1, auto_rerun_delay: 11m }",
      "jobs.build.steps.0.run.auto_rerun_delay: auto_rerun_delay must be at most 10m",
    ],
    [
      "- run: { command: x, no_output_timeout: soon }",
      'jobs.build.steps.0.run.no_output_timeout: no_output_timeout must be a duration such as "20m" or "1h 30m", found: "soon"',
    ],
    [
      "- run: { command: x, when: never }",
      "jobs.build.steps.0.run.when: Input not a valid enum value; one of: always, on_success, on_fail; found: never",
    ],
    [
      "- run: { command: x, environment: { A: [b] } }",
      "jobs.build.steps.0.run.environment.A: expected type: String, found: Sequence",
    ],
    ["- attach_workspace", "jobs.build.steps.0: expected type: Mapping, found: Null"],
    ["- restore_cache: {}", "jobs.build.steps.0.restore_cache: required key [keys] not found"],
    ["- 7", "jobs.build.steps.0: expected type: Mapping, found: Integer"],
  ])("%s is refused", (step, problem) => {
    expect(problemsIn(withSteps(step))).toEqual([problem]);
  });

  it("is refused when a run step has an unknown key", () => {
    const [problem] = problemsIn(withSteps("- run: { command: x, enviroment: {} }"));
    expect(problem?.split("\n")[0]).toBe(
      "jobs.build.steps.0.run: extraneous key [enviroment] is not permitted",
    );
  });
});

const when = (condition: string) => `- when: { condition: ${condition}, steps: [{ run: yes it is }] }
- unless: { condition: ${condition}, steps: [{ run: no it is not }] }`;

describe("a conditional step", () => {
  it.each<[string, boolean]>([
    ["true", true],
    ["false", false],
    ["0", false],
    ["42", true],
    ['""', false],
    ["a string", true],
    ["null", false],
    ["<< pipeline.git.tag >>", false],
    ["<< pipeline.git.branch >>", true],
    ["{ and: [true, a] }", true],
    ["{ and: [true, false] }", false],
    ["{ or: [false, 0, a] }", true],
    ["{ or: [false] }", false],
    ["{ not: << pipeline.git.tag >> }", true],
    ["{ equal: [7, << pipeline.number >>] }", true],
    ['{ equal: ["7", << pipeline.number >>] }', false],
    ["{ equal: [a, a, b] }", false],
    ["{ equal: [main, << pipeline.git.branch >>] }", true],
    ['{ matches: { pattern: "^ma.*$", value: << pipeline.git.branch >> } }', true],
    ['{ matches: { pattern: "ai", value: << pipeline.git.branch >> } }', false],
    ["{ and: [{ or: [{ not: true }, { equal: [1, 1] }] }, { not: { not: 1 } }] }", true],
  ])("takes %s as %s", (condition, holds) => {
    expect(commandsOf(withSteps(when(condition)))).toEqual([holds ? "yes it is" : "no it is not"]);
  });

  it.each([
    ["[true]", "condition: expected type: Mapping, found: Sequence"],
    ["{ and: [] }", "condition.and: minimum size: [1], found: [0]"],
    ["{ xor: [a] }", "condition: Unknown logic statement 'xor'"],
    ["{ and: [a], or: [b] }", "condition: A logic statement must have exactly one key"],
    [
      '{ matches: { pattern: "(?!a)", value: b } }',
      "condition.matches: Invalid regular expression: (?!a): Invalid pattern.",
    ],
  ])("refuses %s", (condition, problem) => {
    const step = `- when: { condition: ${condition}, steps: [] }`;
    expect(problemsIn(withSteps(step))).toEqual([`jobs.build.steps.0.when.${problem}`]);
  });

  it("needs a condition and steps", () => {
    expect(problemsIn(withSteps("- when: { steps: [] }\n- unless: { condition: a }"))).toEqual([
      "jobs.build.steps.0.when: required key [condition] not found",
      "jobs.build.steps.1.unless: required key [steps] not found",
    ]);
  });
});

describe("a command", () => {
  it("is replaced by its steps, and calls others", () => {
    const source = withSteps(
      "- outer: { who: you }",
      `commands:
  outer:
    parameters: { who: { type: string } }
    steps:
      - inner: { text: "hello << parameters.who >>" }
      - run: bye
  inner:
    parameters: { text: { type: string } }
    steps: [{ run: << parameters.text >> }]`,
    );
    expect(commandsOf(source)).toEqual(["hello you", "bye"]);
  });

  it("takes steps as an argument, hands them on, and leaves out an empty list", () => {
    const source = withSteps(
      `- outer: { after: [{ run: a }, local, { local: {} }] }
- outer`,
      `commands:
  local: { steps: [{ run: local }] }
  outer:
    parameters: { after: { type: steps, default: [] } }
    steps:
      - run: outer
      - inner: { steps: << parameters.after >> }
  inner:
    parameters: { steps: { type: steps } }
    steps:
      - when:
          condition: << parameters.steps >>
          steps: [{ run: before }, { steps: << parameters.steps >> }]`,
    );
    expect(commandsOf(source)).toEqual(["outer", "before", "a", "local", "local", "outer"]);
  });

  it("may take the name of a built-in step, which it can still use itself", () => {
    const source = withSteps("- checkout", "commands: { checkout: { steps: [{ run: first }, checkout] } }");
    expect(stepsOf(source).map((step) => step.kind)).toEqual(["run", "checkout"]);
  });

  it("may not call itself, on whatever way", () => {
    const source = withSteps("- a", "commands: { a: { steps: [b] }, b: { steps: [a] } }");
    expect(problemsIn(source)).toEqual([
      "commands.b.steps.0: Command 'a' calls itself: commands.a → commands.b → commands.a",
    ]);
  });

  it("tells the calls that led to a mistake, and goes on to find more", () => {
    const source = withSteps("- a\n- unknown", "commands: { a: { steps: [nothing] } }");
    expect(() => compiled(source)).toThrow(
      `commands.a.steps.0: Error calling workflow: 'workflow'
Error calling job: 'build'
Error calling command: 'a'
Cannot find a definition for command named nothing
jobs.build.steps.1: Error calling workflow: 'workflow'
Error calling job: 'build'
Cannot find a definition for command named unknown`,
    );
  });

  it("is checked for its form even when nobody calls it", () => {
    const source = withSteps("- checkout", "commands: { a: { stpes: [] } }");
    expect(problemsIn(source)).toEqual([
      "commands.a: extraneous key [stpes] is not permitted\nPermitted keys:\n  - steps\n  - parameters\n  - description",
      "commands.a: required key [steps] not found",
    ]);
  });
});
