import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { realClock } from "../../src/simulator/engine/clock.ts";
import { openSimulation, type Simulation } from "../../src/simulator/open-simulation.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { createFakeHost } from "../support/fake-host.ts";
import { makeFolder } from "../support/folders.ts";
import { writeScenario } from "../support/simulator.ts";

const parent = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait: { name: go, project: gh/acme/child, approval-job: hold, context: circleback }
      - hold: { type: approval, requires: [go] }
      - circleback/check-status: { requires: [hold], context: circleback }
`;

// What the doctor reads of the child is the source of its newest pipeline, and this one cannot even be compiled.
const child = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
workflows:
  test:
    jobs:
      - test
      - circleback/approve-in-parent:
          ticket: << pipeline.parameters.circleback >>
          requires: [{ test: terminal }]
          context: locked
`;

let simulation: Simulation;
let configFile = "";

beforeAll(async () => {
  const scenario = writeScenario(
    { "gh/acme/app": parent, "gh/acme/child": child, "gh/acme/idle": child },
    `
orbs: {}
tokens: { good-token: { login: release-bot, projects: ["gh/acme/*"] } }
contexts:
  circleback: { CIRCLE_TOKEN: never-shown }
  locked: { values: { OTHER: never-shown }, allow: [release-bot, alice] }
trigger: [{ project: gh/acme/child }]
`,
  );
  configFile = join(scenario, "../gh/acme/app/.circleci/config.yml");
  simulation = await openSimulation(loadScenario(scenario), {
    clock: realClock,
    random: Math.random,
    jobRoot: makeFolder(),
    port: 0,
  });
  const [pipeline] = simulation.trigger();
  await vi.waitUntil(() => pipeline?.state === "errored");
});

afterAll(() => simulation.close());

async function examine(
  config: string,
  { token = "good-token", project = "gh/acme/app", host = simulation.url } = {},
) {
  const env = token === "" ? {} : { CIRCLE_TOKEN: token };
  const file = join(makeFolder({ "config.yml": config }), "config.yml");
  return runDoctor([file, "--project", project, "--host", host], env);
}

async function runDoctor(args: readonly string[], env: Readonly<Record<string, string>>) {
  let [out, err] = ["", ""];
  const write = (text: string) => {
    out += text;
  };
  const code = await runCommandLine(["doctor", ...args], {
    screen: { write, size: () => null, hasColor: false },
    err: (text) => {
      err += text;
    },
    openHost: () => createFakeHost({ env, fetch }),
  });
  return { code, out, err };
}

test("shows all that is well, what is not, and what nobody can tell", async () => {
  const host = ["--host", simulation.url];
  const { code, out, err } = await runDoctor([configFile, "--project", "gh/acme/app", ...host], {
    CIRCLE_TOKEN: "good-token",
  });
  expect(out).toBe(`Token
  ok       the token in CIRCLE_TOKEN belongs to release-bot

Parent gh/acme/app
  ok       the token sees gh/acme/app

Job go of workflow release
  ok       hold is an approval job that requires go alone
  ok       circleback/check-status judges the child after it
  ok       context circleback gives go CIRCLE_TOKEN
  ok       context circleback is open to every project and person of the organization

Its child gh/acme/child
  ok       the token sees gh/acme/child
  ok       its configuration, as of pipeline 1, can be read
  ok       it declares the parameter circleback
  ok       circleback/approve-in-parent of workflow test calls back
  PROBLEM  no variable CIRCLE_TOKEN is in locked, which circleback/approve-in-parent uses
           Try: put a personal API token of the machine's user into locked as CIRCLE_TOKEN
  unknown  context locked is for members of release-bot and alice
           Try: make sure that everybody who starts or approves the workflow is one, the token's owner and schedules included

1 problem in 12 checks, 1 not known.
`);
  expect({ code, err }).toEqual({ code: 1, err: "" });
  expect(out).not.toContain("never-shown");
});

test("takes a token with blanks around it as the orb does", async () => {
  const { out } = await examine(parent, { token: " good-token\n" });
  expect(out).toContain("the token in CIRCLE_TOKEN belongs to release-bot");
});

test("is content with a parent that waits in the step for a child that never ran", async () => {
  const config = parent
    .replace("gh/acme/child, approval-job: hold", 'gh/acme/idle, ticket-parameter: ""')
    .replace(/ +- hold.*\n.*\n/, "");
  const { code, out } = await examine(config);
  expect(out).toContain("unknown  it has no pipeline yet, so its configuration is not known");
  expect(out).toContain("unknown  its parameter, its callback and their contexts are not known");
  expect(out).toContain("No problem found in 8 checks, 2 not known.");
  expect(code).toBe(0);
});

test.each([
  ["no token", { token: "" }, "PROBLEM  CIRCLE_TOKEN is not set"],
  ["a bad token", { token: "never-shown-1" }, "refuses the token"],
  [
    "a token with something behind it",
    { token: "never-shown-1\nnever-shown-2" },
    "is no token: it has a blank",
  ],
  ["a project that is not there", { project: "gh/acme/nowhere" }, "There is no project gh/acme/nowhere"],
])(
  "says what to do about %s",
  async (_, given, expected) => {
    const { code, out } = await examine(parent, given);
    expect(out).toContain(expected);
    expect(out).toContain("Try: ");
    expect(out).not.toContain("never-shown");
    expect(code).toBe(1);
  },
  60_000,
);

test("does not pass over the contexts of a parent that it cannot see", async () => {
  const { out } = await examine(parent, { project: "gh/acme/nowhere" });
  expect(out).toContain("unknown  its contexts are not known: the token has to see the project first");
});

test("misses a context that is not there, and a trigger", async () => {
  const missing = await examine(parent.replaceAll("context: circleback", "context: typo"));
  expect(missing.out).toContain(
    "acme has no context typo that the token's owner can see: go would be unauthorized",
  );
  const none = await examine("version: 2.1\nworkflows: {}");
  expect(none.out).toContain("PROBLEM  no job of its workflows runs trigger-and-wait");
  expect([missing.code, none.code]).toEqual([1, 1]);
});

test.each([
  ['project: ""', 'PROBLEM  its project is no project slug: ""'],
  ["project: acme/child", 'PROBLEM  its project is no project slug: "acme/child"'],
])("says that a child is none: %s", async (project, expected) => {
  const { code, out } = await examine(parent.replace("project: gh/acme/child", project));
  expect(out).toContain(`${expected}\n           Try: A slug has three parts: `);
  expect(code).toBe(1);
});

test("tells what a slug is, and how the command is called", async () => {
  const { err } = await runDoctor([configFile, "--project", "acme/app"], { CIRCLE_TOKEN: "good-token" });
  expect(err).toBe(`Error: --project is no project slug: "acme/app".
Try: A slug has three parts: gh/<org>/<repo>, bb/<org>/<repo> or circleci/<org id>/<project id>; the project's settings show it.
Try: circleback doctor .circleci/config.yml --project gh/acme/app
`);
});

test.each([
  [["nowhere.yml", "--project", "gh/acme/app"], "nowhere.yml cannot be read as a configuration"],
  [["CONFIG"], '--project is no project slug: ""'],
  [["CONFIG", "--project", "acme/app"], '--project is no project slug: "acme/app"'],
  [
    ["CONFIG", "--project", "gh/acme/app", "--host", "http://example.com"],
    "--host is no address that a token may be sent to",
  ],
  [["CONFIG", "--projekt", "x"], "There is no option --projekt: did you mean --project?"],
  [["CONFIG", "--project", "gh/acme/app", "--token", "CCIPAT_never_shown"], "--token is a token itself"],
  [[], "doctor needs the parent's configuration."],
])("refuses %j", async (args, expected) => {
  const given = args.map((arg) => (arg === "CONFIG" ? configFile : arg));
  const { code, err } = await runDoctor(given, { CIRCLE_TOKEN: "good-token" });
  expect(err).toContain(expected);
  expect(err).toContain("Try: ");
  expect(err).not.toContain("never_shown");
  expect(code).toBe(2);
});
