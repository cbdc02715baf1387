import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compiled, compileText, problemsIn, stepsOf, withSteps } from "./compile-text.ts";

const job = "jobs: { build: { machine: true, steps: [checkout] } }\n";

describe("a configuration", () => {
  it("may keep anchors under keys of its own", () => {
    expect(problemsIn(`version: 2.1\naliases: [&a b]\n${job}`)).toEqual([]);
  });

  it.each([
    [job, "version: Unsupported or missing workflows config version"],
    [`version: 3\n${job}`, "version: Unsupported or missing workflows config version"],
    ["just a text", ": expected type: Mapping, found: String"],
    ["", ": expected type: Mapping, found: Null"],
    [
      `version: 2.1\njobs: []\nworkflows: { w: { jobs: [] } }`,
      "jobs: expected type: Mapping, found: Sequence",
    ],
    [`version: 2.1\nsetup: maybe\n${job}`, "setup: expected type: Boolean, found: String"],
    [`version: 2.1\njob-groups: {}\n${job}`, "job-groups: Job groups are not modelled by the simulator"],
    [
      `version: 2\n${job}workflows: { w: { jobs: [build] } }`,
      "workflows.version: Unsupported or missing workflows config version",
    ],
    [
      `version: 2.1\n${job}workflows: { w: { job: [build], jobs: [build] } }`,
      "workflows.w: extraneous key [job] is not permitted\nPermitted keys:\n  - jobs\n  - when\n  - unless\n  - triggers\n  - max_auto_reruns\n  - description",
    ],
  ])("%j is refused", (source, problem) => {
    expect(problemsIn(source)).toEqual([problem]);
  });

  it.each([
    ["a: [", /^: Unable to parse YAML\n.* at line 1, column 5/],
    ["a: 1\na: 2", /^: Unable to parse YAML\nMap keys must be unique at line 2, column 1/],
    ["a: *b", /^: Unable to parse YAML\n/],
  ])("%j is refused with the place in the text", (source, problem) => {
    expect(problemsIn(source)).toEqual([expect.stringMatching(problem)]);
  });

  it("is refused when its compiled form is larger than 8 MB", () => {
    const text = "x".repeat(1024 * 1024);
    const source = withSteps(
      Array.from({ length: 9 }, () => "- big").join("\n"),
      `commands: { big: { steps: [{ run: ${text} }] } }`,
    );
    const [problem] = problemsIn(source);
    expect(problem).toMatch(
      /^: Your compiled config is too large\. A compiled config YAML must be at most 8MB/,
    );
  });

  it("finds elements by their own names only", () => {
    expect(problemsIn(withSteps("- constructor\n- toString: {}"))).toEqual([
      "jobs.build.steps.0: Cannot find a definition for command named constructor",
      "jobs.build.steps.1.toString: Cannot find a definition for command named toString",
    ]);
  });
});

/** Text with everything that YAML, templates or regular expressions could trip over. */
const trickyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "<< parameters.text >>",
        "<<",
        ">>",
        "\\",
        "\\<<",
        "$&",
        "$1",
        "'",
        '"',
        "\n",
        "\t",
        ": ",
        "# ",
        "- ",
        "yes",
        "~",
        "0x1",
        " ",
        "{{ .Branch }}",
      ),
      fc.string({ unit: "grapheme" }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

const escapeTags = (text: string) => text.replaceAll("<<", "\\<<");

describe("any text", () => {
  it("arrives byte for byte in a command and in the environment, on every way through parameters", () => {
    const orb = `version: 2.1
commands:
  show:
    parameters: { text: { type: string } }
    steps: [{ run: { command: "[<< parameters.text >>]", environment: { TEXT: << parameters.text >> } } }]
`;
    fc.assert(
      fc.property(trickyText, (text) => {
        const literal = JSON.stringify(escapeTags(text));
        const source = `version: 2.1
parameters: { text: { type: string, default: "" } }
orbs: { o: acme/o@1 }
commands:
  pass: { parameters: { text: { type: string, default: ${literal} } }, steps: [{ o/show: { text: << parameters.text >> } }] }
jobs:
  build:
    machine: true
    steps: [{ pass: { text: ${literal} } }, pass, { pass: { text: << pipeline.parameters.text >> } }]
`;
        const world = { orbs: { "acme/o@1": orb }, parameters: { text } };
        const expected = { kind: "run", command: `[${text}]`, environment: { TEXT: text } };
        const steps = stepsOf(source, world);
        expect(steps).toMatchObject([expected, expected, expected]);
      }),
    );
  });

  it("survives the compiled document, which compiles to the same again", () => {
    fc.assert(
      fc.property(trickyText, fc.boolean(), fc.integer(), (text, flag, count) => {
        const source = `version: 2.1
parameters: { text: { type: string, default: "" } }
jobs:
  build:
    parameters: { text: { type: string } }
    docker: [{ image: a }]
    environment: { TEXT: << parameters.text >>, FLAG: ${flag}, COUNT: ${count}, TAG: << pipeline.git.tag >> }
    steps: [{ run: "<< parameters.text >>" }, { save_cache: { key: << parameters.text >>, paths: [a] } }, checkout]
workflows:
  main:
    max_auto_reruns: 1
    jobs:
      - hold: { type: approval }
      - build: { text: << pipeline.parameters.text >>, requires: [{ hold: [failed, success] }], context: c, filters: { branches: { only: main } } }
`;
        const first = compiled(source, { parameters: { text } });
        expect(compiled(first.yaml)).toEqual(first);
      }),
    );
  });

  it("never breaks the compiler", () => {
    fc.assert(
      fc.property(fc.oneof(trickyText, fc.json()), (text) => {
        compileText(`version: 2.1\n${text}`);
        compileText(withSteps(`- run: ${JSON.stringify(text)}`));
        compileText(
          withSteps("- run: x", `workflows: { w: { when: ${JSON.stringify(text)}, jobs: [build] } }`),
        );
      }),
    );
  });
});
