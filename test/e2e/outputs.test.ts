import { describe, expect, test } from "vitest";
import { runLoop } from "../support/loop.ts";
import { outputOf, statuses } from "../support/simulator.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';
const hostile = `it's "$(touch x)" \\\`touch y\\\` %s \${NUMBER} ü`;

/** A child whose two jobs set outputs, as steps of their own. */
function child(version: string): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  build:
    ${docker}
    environment: { NUMBER: "7" }
    steps:
      - run: echo '{"id":12345678901234567890}' > out.json
      - circleback/set-output: { key: version, value: "${version}" }
      - circleback/set-output: { key: build-info, file: out.json }
  test:
    ${docker}
    environment: { NUMBER: "7" }
    steps:
      - circleback/set-output: { key: hostile, value: '${hostile.replaceAll("'", "''")}' }
workflows:
  integration: { jobs: [build, test] }
`;
}

function trigger(name: string): string {
  return `
      - circleback/trigger-and-wait:
          name: trigger-${name}
          project: gh/acme/${name}
          wait: false
          ticket-parameter: ""
          receipt: ${name}
          context: circleback`;
}

describe.concurrent("outputs", () => {
  test("reach the later steps and jobs of the parent exactly as the child has set them", async () => {
    const report = await runLoop({
      "gh/acme/lib": child("1.${NUMBER}"),
      "gh/acme/app": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  use:
    ${docker}
    steps:
      - circleback/check-status: { receipts: lib }
      - run: { name: Show, command: 'printf "%s\\n" "$CIRCLEBACK_LIB_VERSION" "$CIRCLEBACK_LIB_BUILD_INFO" "$CIRCLEBACK_LIB_HOSTILE"' }
      - run: { name: List, command: ls }
  later:
    ${docker}
    steps:
      - attach_workspace: { at: . }
      - run: { name: Show, command: cat .circleback/outputs/lib.json }
workflows:
  release:
    jobs:${trigger("lib")}
      - use: { requires: [trigger-lib], context: circleback }
      - later: { requires: [use] }
`,
    });
    const [, use, later] = report.pipelines[0]?.workflows[0]?.jobs ?? [];
    const shown = (steps = use?.steps) =>
      steps?.filter(({ name }) => name === "Show" || name === "List").map(({ output }) => output);
    const text = hostile.replace("${NUMBER}", "7");
    const id = '{"id":12345678901234567890}';
    expect([shown(), shown(later?.steps)]).toEqual([
      [`1.7\n${id}\n${text}\n`, ""],
      [`{\n  "version": "1.7",\n  "build-info": ${id},\n  "hostile": ${JSON.stringify(text)}\n}\n`],
    ]);
  });

  test("come together from checks that run side by side", async () => {
    const check = (name: string, requires: string) => `
      - circleback/check-status: { name: check-${name}, receipts: ${name}, context: circleback, requires: [${requires}] }`;
    const report = await runLoop({
      "gh/acme/lib": child("1"),
      "gh/acme/web": child("2"),
      "gh/acme/cli": child("3"),
      "gh/acme/app": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  gather:
    ${docker}
    steps:
      - attach_workspace: { at: . }
      - run: grep -h version .circleback/outputs/*.json
workflows:
  release:
    jobs:${trigger("lib")}${trigger("web")}${trigger("cli")}
      ${check("lib", "trigger-lib").trim()}${check("web", "trigger-web, check-lib")}${check("cli", "trigger-cli, check-lib")}
      - gather: { requires: [check-web, check-cli] }
`,
    });
    expect(statuses(report)["gh/acme/app#1"]?.release?.jobs.gather).toBe("success");
    expect(outputOf(report, "gather").match(/"version": "\d"/g)).toEqual([
      '"version": "3"',
      '"version": "1"',
      '"version": "2"',
    ]);
  });

  test("that are none fail the job that sets them, and its workflow", async () => {
    const report = await runLoop({
      "gh/acme/app": `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  build:
    ${docker}
    steps:
      - run: echo 'version = 1' > out.json
      - circleback/set-output: { key: version, file: out.json }
workflows:
  integration: { jobs: [build] }
`,
    });
    const steps = report.pipelines[0]?.workflows[0]?.jobs[0]?.steps ?? [];
    expect(steps.map(({ name, exit_code }) => [name, exit_code])).toContainEqual(["Set an output", 2]);
    expect(outputOf(report, "build")).toContain("Error: out.json is no JSON document. (output.invalid)");
  });
});
