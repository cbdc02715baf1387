import { describe, expect, it } from "vitest";
import { compiled, problemsIn } from "./compile-text.ts";

const config = (job: string, rest = "") => `version: 2.1
${rest}
jobs:
  build: ${job}
`;

describe("a job", () => {
  it.each([
    ["{ docker: [{ image: a }, { image: b }], steps: [checkout] }", { executor: "docker", image: "a" }],
    ["{ machine: true, steps: [checkout] }", { executor: "machine", image: null }],
    ["{ machine: { image: a }, steps: [checkout] }", { executor: "machine", image: "a" }],
    ["{ macos: { xcode: 14.2 }, steps: [checkout] }", { executor: "macos", image: "14.2" }],
  ])("%s runs on %j", (job, expected) => {
    expect(compiled(config(job)).jobs.build).toEqual({
      ...expected,
      resourceClass: null,
      shell: null,
      workingDirectory: null,
      parallelism: 1,
      environment: {},
      steps: [{ kind: "checkout", path: null }],
    });
  });

  it("takes what its executor gives, but its own keys win", () => {
    const source = config(
      "{ executor: e, shell: sh, environment: { B: job, C: job }, steps: [checkout] }",
      `executors:
  e:
    docker: [{ image: a }]
    shell: bash
    resource_class: large
    working_directory: ~/w
    environment: { A: executor, B: executor }`,
    );
    expect(compiled(source).jobs.build).toEqual({
      executor: "docker",
      image: "a",
      resourceClass: "large",
      shell: "sh",
      workingDirectory: "~/w",
      parallelism: 1,
      environment: { A: "executor", B: "job", C: "job" },
      steps: [{ kind: "checkout", path: null }],
    });
  });

  it("replaces its executor's environment by its own docker, machine or macos", () => {
    const source = config(
      "{ executor: e, machine: { image: m }, steps: [checkout] }",
      "executors: { e: { docker: [{ image: a }], resource_class: small } }",
    );
    expect(compiled(source).jobs.build).toMatchObject({
      executor: "machine",
      image: "m",
      resourceClass: "small",
    });
  });

  it("passes arguments to its executor", () => {
    const source = config(
      "{ executor: { name: e, tag: '2' }, steps: [checkout] }",
      "executors: { e: { parameters: { tag: { type: string } }, docker: [{ image: 'a:<< parameters.tag >>' }] } }",
    );
    expect(compiled(source).jobs.build?.image).toBe("a:2");
  });

  it("understands anchors and merge keys", () => {
    const source = `version: 2.1
defaults: &defaults { docker: [{ image: a }], environment: { A: "1" } }
jobs:
  build:
    <<: *defaults
    steps: [checkout]
`;
    expect(compiled(source).jobs.build).toMatchObject({ image: "a", environment: { A: "1" } });
  });

  it.each([
    [
      "{ steps: [checkout] }",
      'jobs.build: The job has no executor type specified. The job should have one of the following keys specified: "machine", "docker", "macos"',
    ],
    ["{ machine: true }", "jobs.build: required key [steps] not found"],
    [
      "{ machine: true, docker: [{ image: a }], steps: [checkout] }",
      "jobs.build: More than one executor type: docker, machine",
    ],
    [
      "{ executor: nope, steps: [checkout] }",
      "jobs.build.executor: Cannot find a definition for executor named nope",
    ],
    ["{ executor: e, steps: [checkout] }", "jobs.build.executor: Missing required argument(s): tag"],
    [
      "{ executor: { name: e, tag: a, x: b }, steps: [checkout] }",
      "jobs.build.executor: Unexpected argument(s): x",
    ],
    ["{ docker: [], steps: [checkout] }", "jobs.build.docker: minimum size: [1], found: [0]"],
    [
      "{ machine: true, parallelism: 0, steps: [checkout] }",
      "jobs.build.parallelism: parallelism must be at least 1, found: 0",
    ],
    ["{ machine: true, steps: checkout }", "jobs.build.steps: expected type: Sequence, found: String"],
    ["{ type: release, plan_name: p }", "jobs.build: Jobs of type release are not modelled by the simulator"],
    [
      "{ type: dream }",
      "jobs.build.type: Input not a valid enum value; one of: build, release, no-op, approval",
    ],
    [
      "{ machine: true, parameters: { name: { type: string, default: a } }, steps: [checkout] }",
      "jobs.build.parameters.name: Parameter name 'name' is reserved",
    ],
    ["text", "jobs.build: expected type: Mapping, found: String"],
  ])("%s is refused", (job, problem) => {
    const executors = "executors: { e: { parameters: { tag: { type: string } }, docker: [{ image: a }] } }";
    expect(problemsIn(config(job, executors))).toEqual([problem]);
  });

  it("is refused with an unknown key, which names the permitted ones", () => {
    expect(problemsIn(config("{ machine: true, stpes: [] }"))).toEqual([
      `jobs.build: extraneous key [stpes] is not permitted
Permitted keys:
  - description
  - parallelism
  - docker
  - machine
  - macos
  - resource_class
  - shell
  - working_directory
  - environment
  - steps
  - retention
  - circleci_ip_ranges
  - executor
  - parameters
  - type
  - branches`,
      "jobs.build: required key [steps] not found",
    ]);
  });
});
