import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkChild } from "../../../src/doctor/check-child.ts";
import { checkHold } from "../../../src/doctor/check-hold.ts";
import { readConfig } from "../../../src/doctor/read-config.ts";
import { listTriggers } from "../../../src/doctor/trigger-use.ts";

const show = (findings: readonly { readonly state: string; readonly text: string }[]) =>
  findings.map(({ state, text }) => `${state}: ${text}`);

function parent(trigger: string, ...jobs: readonly string[]) {
  const text = `
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait: { name: go, project: gh/acme/child, ${trigger} }
${jobs.map((job) => `      - ${job}`).join("\n")}
`;
  const [use] = listTriggers(readConfig(text));
  if (use === undefined) throw new Error("no trigger");
  return use;
}

const hold = "hold: { type: approval, requires: [go] }";
const check = "circleback/check-status: { name: check, requires: [hold] }";

test.each<[string, string, readonly string[], readonly string[]]>([
  ["a wait in the step", "wait: true", [], ["ok: it waits in the step, so no approval job is needed"]],
  [
    "the documented shape",
    "approval-job: hold",
    [hold, check],
    ["ok: hold is an approval job that requires go alone", "ok: check judges the child after it"],
  ],
  [
    "an approval job that is missing",
    "approval-job: hodl",
    [hold, check],
    ["problem: workflow release has no job hodl"],
  ],
  [
    "a build job in its place",
    "approval-job: hold",
    ["hold: { requires: [go] }"],
    ["problem: job hold is no approval job"],
  ],
  [
    "an approval job that opens at once",
    "approval-job: hold",
    ["hold: { type: approval }", check],
    [
      "problem: hold requires nothing: it must require go, and nothing else",
      "ok: check judges the child after it",
    ],
  ],
  [
    "an approval job that waits for others too",
    "approval-job: hold",
    ["hold: { type: approval, requires: [go, build] }", "build", check],
    [
      "problem: hold requires go, build: it must require go, and nothing else",
      "ok: check judges the child after it",
    ],
  ],
  [
    "a result that nobody reads",
    "approval-job: hold",
    [hold, "deploy: { requires: [hold] }"],
    [
      "ok: hold is an approval job that requires go alone",
      "problem: nothing reads the child's result after hold: whoever approves it, the workflow goes on",
    ],
  ],
  [
    "a mapping in the place of a name",
    "approval-job: { b: 1 }",
    [],
    ['problem: workflow release has no job {"b":1}'],
  ],
  [
    "a name that only the compiler knows",
    "approval-job: << parameters.hold >>",
    [],
    ["unknown: which approval job << parameters.hold >> is, only CircleCI knows"],
  ],
])("the parent with %s", (_, trigger, jobs, expected) => {
  expect(show(checkHold(parent(trigger, ...jobs)))).toEqual(expected);
});

const declared = 'parameters: { circleback: { type: string, default: "" } }';
const ticket = "ticket: << pipeline.parameters.circleback >>";

function child(parameters: string, ...jobs: readonly string[]) {
  return readConfig(`
orbs: { circleback: acme/circleback@1 }
${parameters}
jobs:
  own:
    steps: [run: "true", circleback/approve-in-parent: { ${ticket} }]
  wrapped:
    steps: [run: "true", call-back: { ${ticket} }]
commands:
  call-back:
    parameters: { ticket: { type: string } }
    steps: [circleback/approve-in-parent: { ticket: << parameters.ticket >> }, call-back: { ticket: again }]
workflows:
  test:
    jobs:
${jobs.map((job) => `      - ${job}`).join("\n")}
`);
}

const callback = `circleback/approve-in-parent: { name: call, ${ticket}, requires: [{ b: terminal }] }`;
const chain = ["a", "b: { requires: [a] }"];

test.each<[string, string, readonly string[], readonly string[]]>([
  [
    "the documented shape",
    declared,
    [...chain, callback],
    ["ok: it declares the parameter circleback", "ok: call of workflow test calls back"],
  ],
  [
    "the callback in a job of its own steps",
    declared,
    ["own"],
    ["ok: it declares the parameter circleback", "ok: own of workflow test calls back"],
  ],
  [
    "no parameter",
    "",
    [...chain, callback],
    [
      "problem: it does not declare the parameter circleback, so it would refuse the trigger",
      "ok: call of workflow test calls back",
    ],
  ],
  [
    "a parameter of another type",
    "parameters: { circleback: { type: boolean, default: false } }",
    [...chain, callback],
    [
      "problem: its parameter circleback is of type boolean, not string",
      "ok: call of workflow test calls back",
    ],
  ],
  [
    "a parameter without a default",
    "parameters: { circleback: { type: string } }",
    [...chain, callback],
    [
      "problem: its parameter circleback has no empty default, so nobody else can start it",
      "ok: call of workflow test calls back",
    ],
  ],
  [
    "no callback",
    declared,
    chain,
    [
      "ok: it declares the parameter circleback",
      "unknown: no job of its configuration runs approve-in-parent",
    ],
  ],
  [
    "a callback that runs after success only",
    declared,
    [...chain, callback.replace("{ b: terminal }", "b")],
    ["ok: it declares the parameter circleback", "problem: call of workflow test does not run when b fails"],
  ],
  [
    "a job that the callback does not wait for",
    declared,
    [...chain, "late", callback],
    ["ok: it declares the parameter circleback", "problem: call of workflow test does not wait for late"],
  ],
  [
    "a matrix of which the callback requires each leg",
    declared,
    [
      "a: { name: a-<< matrix.suite >>, matrix: { parameters: { suite: [one, two] } } }",
      callback.replace("{ b: terminal }", "{ a-one: terminal }, { a-two: terminal }"),
    ],
    ["ok: it declares the parameter circleback", "ok: call of workflow test calls back"],
  ],
  [
    "a matrix of which the callback requires one leg",
    declared,
    [
      "a: { matrix: { parameters: { z: [1, 2], suite: [one, two] }, exclude: [{ suite: two, z: 2 }] } }",
      callback.replace("{ b: terminal }", "{ a-one-1: terminal }"),
    ],
    [
      "ok: it declares the parameter circleback",
      "problem: call of workflow test does not wait for a-two-1, a-one-2",
    ],
  ],
  [
    "a matrix that the callback requires by its alias",
    declared,
    [
      "a: { matrix: { alias: all, parameters: { suite: [one, two] } } }",
      callback.replace("{ b: terminal }", "{ all: terminal }"),
    ],
    ["ok: it declares the parameter circleback", "ok: call of workflow test calls back"],
  ],
  [
    "names that only the compiler knows",
    declared,
    [
      "a: { matrix: { parameters: { suite: [<< pipeline.parameters.suite >>] } } }",
      callback.replace("{ b: terminal }", "{ a-orders: terminal }"),
    ],
    [
      "ok: it declares the parameter circleback",
      "unknown: whether call of workflow test waits for every other job, only CircleCI knows",
    ],
  ],
  [
    "the callback in a command of its own",
    declared,
    ["wrapped"],
    ["ok: it declares the parameter circleback", "ok: wrapped of workflow test calls back"],
  ],
  [
    "a ticket that only the job's shell knows",
    declared,
    [...chain, callback.replace("<< pipeline.parameters.circleback >>", "$TICKET")],
    [
      "ok: it declares the parameter circleback",
      "unknown: which ticket call of workflow test takes, only CircleCI knows",
    ],
  ],
  [
    "another parameter's ticket",
    declared,
    [...chain, callback.replace("parameters.circleback", "parameters.other")],
    [
      "ok: it declares the parameter circleback",
      "problem: call of workflow test does not take its ticket from the parameter circleback",
    ],
  ],
])("a child with %s", (_, parameters, jobs, expected) => {
  expect(show(checkChild(child(parameters, ...jobs), parent("approval-job: hold", hold)))).toEqual(expected);
});

test("a ticket that is not sent wakes nobody", () => {
  const findings = checkChild(child(""), parent('approval-job: hold, ticket-parameter: ""', hold));
  expect(show(findings)).toEqual(["problem: nobody wakes hold, for ticket-parameter is empty"]);
});

test("the example has nothing wrong", () => {
  const read = (name: string) =>
    readConfig(
      readFileSync(
        join(import.meta.dirname, "../../../examples/circleback", name, ".circleci/config.yml"),
        "utf8",
      ),
    );
  const [trigger] = listTriggers(read("app"));
  if (trigger === undefined) throw new Error("no trigger");
  expect(show([...checkHold(trigger), ...checkChild(read("integration"), trigger)])).toEqual([
    "ok: wait-for-integration is an approval job that requires trigger-integration alone",
    "ok: check-integration judges the child after it",
    "ok: it declares the parameter circleback",
    "ok: circle-back of workflow integration calls back",
  ]);
});
