import { expect, test } from "vitest";
import { parseScenario } from "../../../src/simulator/scenario/parse-scenario.ts";
import { ScenarioError } from "../../../src/simulator/scenario/scenario-error.ts";

const file = "/somewhere/scenarios/release.yml";

function problemsOf(text: string): readonly string[] {
  try {
    parseScenario(text, { file });
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
  return [];
}

const app = "projects: { gh/acme/app: { path: app } }\n";

test("fills in what a scenario leaves out", () => {
  expect(parseScenario(app, { file })).toEqual({
    file,
    orbs: new Map(),
    projects: [
      {
        slug: "gh/acme/app",
        path: "/somewhere/scenarios/app",
        branches: ["main"],
        environment: {},
        sshKeys: {},
      },
    ],
    tokens: [],
    contexts: [],
    triggers: [],
    faults: [],
    events: [],
  });
});

test("reads every key", () => {
  const text = `
orbs: { acme/circleback@1: ../dist/orb.yml }
projects:
  gh/acme/app:
    path: ./app
    branches: [main, develop]
    environment: { VERSION: 1.10, PADDED: 007, FAST: yes, EMPTY: }
    ssh-keys: { "SHA256:abc": keys/deploy }
  circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat: { path: /srv/other }
tokens:
  all: { login: root-bot }
  some: { login: release-bot, projects: ["gh/acme/*"] }
contexts:
  plain: { CIRCLE_TOKEN: some, RETRIES: 3 }
  closed: { values: { CIRCLE_TOKEN: all }, allow: [release-bot] }
trigger:
  - { project: gh/acme/app, branch: develop, parameters: { name: x, count: 2, deploy: true }, as: ada }
  - { project: gh/acme/app, tag: v1.0.0 }
faults:
  - method: POST
    path: /api/v2/project/gh/acme/*/pipeline
    times: 2
    job: trigger
    then: { status: 502, body: { message: bad }, headers: { Retry-After: 1 }, delay: 250ms, after: accepted }
  - { method: GET, path: /api/v2/me, then: { drop: true } }
  - { method: GET, path: /api/v2/me, then: { stale: 2s } }
events:
  - { on: { project: gh/acme/app, pipeline: 2, workflow: w, job: test, status: running }, do: cancel-workflow, times: 3, delay: 1s }
  - { on: { workflow: w }, do: trigger, project: gh/acme/app }
  - { on: { status: errored }, do: approve, with: { project: gh/acme/app, workflow: w, job: hold, as: ada } }
  - { on: { project: gh/acme/app }, do: trigger, with: { branch: develop, parameters: { n: 1 } } }
`;
  const nowhere = { project: null, workflow: null, job: null, branch: null, parameters: {}, as: "human" };
  const anything = { project: null, pipeline: null, workflow: null, job: null, status: null };
  const harmless = { status: null, body: undefined, headers: {}, delay: 0, drop: false, stale: 0 };
  expect(parseScenario(text, { file })).toEqual({
    file,
    orbs: new Map([["acme/circleback@1", "/somewhere/dist/orb.yml"]]),
    projects: [
      {
        slug: "gh/acme/app",
        path: "/somewhere/scenarios/app",
        branches: ["main", "develop"],
        environment: { VERSION: "1.10", PADDED: "007", FAST: "yes", EMPTY: "" },
        sshKeys: { "SHA256:abc": "/somewhere/scenarios/keys/deploy" },
      },
      {
        slug: "circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat",
        path: "/srv/other",
        branches: ["main"],
        environment: {},
        sshKeys: {},
      },
    ],
    tokens: [
      { token: "all", login: "root-bot", projects: ["*/*/*"] },
      { token: "some", login: "release-bot", projects: ["gh/acme/*"] },
    ],
    contexts: [
      { name: "plain", values: { CIRCLE_TOKEN: "some", RETRIES: "3" }, allow: null },
      { name: "closed", values: { CIRCLE_TOKEN: "all" }, allow: ["release-bot"] },
    ],
    triggers: [
      {
        project: "gh/acme/app",
        branch: "develop",
        tag: null,
        parameters: { name: "x", count: 2, deploy: true },
        as: "ada",
      },
      { project: "gh/acme/app", branch: null, tag: "v1.0.0", parameters: {}, as: "developer" },
    ],
    faults: [
      {
        method: "POST",
        path: "/api/v2/project/gh/acme/*/pipeline",
        times: 2,
        job: "trigger",
        effect: {
          status: 502,
          body: { message: "bad" },
          headers: { "Retry-After": "1" },
          delay: 250,
          drop: false,
          afterAccepted: true,
          stale: 0,
        },
        source: {
          method: "POST",
          path: "/api/v2/project/gh/acme/*/pipeline",
          times: 2,
          job: "trigger",
          // biome-ignore lint/suspicious/noThenProperty: the word of the scenario
          then: {
            status: 502,
            body: { message: "bad" },
            headers: { "Retry-After": 1 },
            delay: "250ms",
            after: "accepted",
          },
        },
      },
      {
        method: "GET",
        path: "/api/v2/me",
        times: 1,
        job: null,
        effect: { ...harmless, drop: true, afterAccepted: false },
        // biome-ignore lint/suspicious/noThenProperty: the word of the scenario
        source: { method: "GET", path: "/api/v2/me", then: { drop: true } },
      },
      {
        method: "GET",
        path: "/api/v2/me",
        times: 1,
        job: null,
        effect: { ...harmless, afterAccepted: false, stale: 2_000 },
        // biome-ignore lint/suspicious/noThenProperty: the word of the scenario
        source: { method: "GET", path: "/api/v2/me", then: { stale: "2s" } },
      },
    ],
    events: [
      {
        on: { project: "gh/acme/app", pipeline: 2, workflow: "w", job: "test", status: "running" },
        do: "cancel-workflow",
        times: 3,
        delay: 1_000,
        with: nowhere,
        source: {
          on: { project: "gh/acme/app", pipeline: 2, workflow: "w", job: "test", status: "running" },
          do: "cancel-workflow",
          times: 3,
          delay: "1s",
        },
      },
      {
        on: { ...anything, workflow: "w" },
        do: "trigger",
        times: 1,
        delay: 0,
        with: { ...nowhere, project: "gh/acme/app" },
        source: { on: { workflow: "w" }, do: "trigger", project: "gh/acme/app" },
      },
      {
        on: { ...anything, status: "errored" },
        do: "approve",
        times: 1,
        delay: 0,
        with: { ...nowhere, project: "gh/acme/app", workflow: "w", job: "hold", as: "ada" },
        source: {
          on: { status: "errored" },
          do: "approve",
          with: { project: "gh/acme/app", workflow: "w", job: "hold", as: "ada" },
        },
      },
      {
        on: { ...anything, project: "gh/acme/app" },
        do: "trigger",
        times: 1,
        delay: 0,
        with: { ...nowhere, branch: "develop", parameters: { n: 1 } },
        source: {
          on: { project: "gh/acme/app" },
          do: "trigger",
          with: { branch: "develop", parameters: { n: 1 } },
        },
      },
    ],
  });
});

const keys = "known: orbs, projects, tokens, contexts, trigger, faults, events";

test.each([
  ["", ["The scenario must be a mapping, not empty.", "The scenario has no projects."]],
  ["- a", ["The scenario must be a mapping, not a list.", "The scenario has no projects."]],
  ["projects: {}", ["The scenario has no projects."]],
  [`${app}triggers: []`, [`The scenario has an unknown key "triggers": did you mean "trigger"? (${keys}).`]],
  [`${app}workflows: []`, [`The scenario has an unknown key "workflows" (${keys}).`]],
  [`${app}orbs: { a/b@1: }`, ["orbs.a/b@1 must be a text, not empty."]],
  [
    "projects: { acme/app: { path: app } }",
    ["projects.acme/app is not a project slug: gh/organization/repository has three segments."],
  ],
  [
    "projects: { gh/acme/app: {} }",
    ["projects.gh/acme/app has no path to the folder with its .circleci/config.yml."],
  ],
  [
    "projects: { gh/acme/app: { path: app, branches: [], branch: x } }",
    [
      'projects.gh/acme/app has an unknown key "branch": did you mean "branches"? (known: path, branches, environment, ssh-keys).',
      "projects.gh/acme/app.branches must name at least one branch.",
    ],
  ],
  [
    "projects: { gh/acme/app: { path: app, environment: { A-B: 1, C: [2] } } }",
    [
      "projects.gh/acme/app.environment.A-B is not the name of an environment variable.",
      "projects.gh/acme/app.environment.C must be a text, not a list.",
    ],
  ],
  [`${app}tokens: { t: {} }`, ["tokens.t has no login."]],
  [
    `${app}tokens: { t: { login: a, projects: [gh/acme] } }`,
    ["tokens.t.projects[0] must have three segments, as in gh/organization/*."],
  ],
  [
    `${app}contexts: { c: { values: { A: 1 }, alow: [a] } }`,
    ['contexts.c has an unknown key "alow": did you mean "allow"? (known: values, allow).'],
  ],
  [`${app}trigger: { project: gh/acme/app }`, ["trigger must be a list, not a mapping."]],
  [`${app}trigger: [{}]`, ["trigger[0] names no project."]],
  [
    `${app}trigger: [{ project: gh/acme/ap }]`,
    [
      'trigger[0].project must be a project of this scenario, not "gh/acme/ap": did you mean gh/acme/app? (known: gh/acme/app).',
    ],
  ],
  [
    `${app}trigger: [{ project: gh/acme/app, branch: develop }]`,
    ['trigger[0].branch must be a branch of gh/acme/app, not "develop" (known: main).'],
  ],
  [
    `${app}trigger: [{ project: gh/acme/app, branch: main, tag: v1, parameters: { a: [1] } }]`,
    [
      "trigger[0] has both a branch and a tag.",
      "trigger[0].parameters.a must be a text, a number, true or false, not a list.",
    ],
  ],
  [
    `${app}faults: [{}]`,
    ["faults[0] names no method.", "faults[0] names no path.", "faults[0] does not say what happens then."],
  ],
  [
    `${app}faults: [{ method: FETCH, path: me?x=1, times: 0, then: { delay: 2 } }]`,
    [
      'faults[0].method must be an HTTP method, not "FETCH" (known: GET, POST, PUT, PATCH, DELETE).',
      "faults[0].path must begin with / and have no query.",
      "faults[0].times must be a whole number from 1 up, not 0.",
      "faults[0].then.delay must be a duration such as 250ms, 2s, 5m, 1h or 1m30s, not 2.",
    ],
  ],
  [
    `${app}faults: [{ method: GET, path: /me, then: {} }, { method: GET, path: /me, then: { drop: true, status: 5 } }, { method: GET, path: /me, then: { after: done, drop: 1 } }]`,
    [
      "faults[0].then changes nothing: it needs one of status, body, headers, delay, drop, after, stale.",
      "faults[1].then.status must be a whole number from 200 to 599, not 5.",
      "faults[1].then cuts the connection, so it cannot have a status, body or headers.",
      "faults[2].then.drop must be true or false, not 1.",
      'faults[2].then.after must be accepted, not "done" (known: accepted).',
    ],
  ],
  [
    `${app}events: [{}]`,
    ["events[0] does not say on what it happens.", "events[0] does not say what to do."],
  ],
  [
    `${app}events: [{ on: {}, do: cancel, delay: soon }]`,
    [
      "events[0].on must have at least one key.",
      'events[0].do must be something to do, not "cancel" (known: cancel-workflow, cancel-job, approve, rerun, rerun-from-failed, trigger).',
      'events[0].delay must be a duration such as 250ms, 2s, 5m, 1h or 1m30s, not "soon".',
    ],
  ],
  [
    `${app}events: [{ on: { workflow: w, status: blocked }, do: rerun }]`,
    [
      'events[0].on.status must be the status of a workflow, not "blocked" (known: success, running, not_run, failed, error, failing, on_hold, canceled, unauthorized, queued).',
    ],
  ],
  [
    `${app}events: [{ on: { workflow: w }, do: approve, project: gh/acme/app }]`,
    [
      "events[0].project stands beside do: trigger only; elsewhere it belongs under on or with.",
      "events[0] needs a job under on or with to approve.",
    ],
  ],
  [
    `${app}events: [{ on: { job: j }, do: rerun, with: { project: gh/acme/b, branch: main } }]`,
    [
      'events[0].with.project must be a project of this scenario, not "gh/acme/b": did you mean gh/acme/app? (known: gh/acme/app).',
      "events[0].with.branch has no meaning for do: rerun.",
    ],
  ],
  [
    `${app}events: [{ on: { job: j }, do: trigger, project: gh/acme/app, with: { project: gh/acme/app } }]`,
    ["events[0].project repeats events[0].with.project: keep one of them."],
  ],
])("refuses %j", (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test("says where the text is no YAML", () => {
  expect(problemsOf("projects: {\n  a: [b\n}")).toEqual([
    "It is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 3, column 1.",
  ]);
});

test("takes an accepted request without an answer for a cut connection", () => {
  const text = `${app}faults: [{ method: POST, path: /me, then: { after: accepted } }]`;
  expect(parseScenario(text, { file }).faults[0]?.effect).toEqual({
    status: null,
    body: undefined,
    headers: {},
    delay: 0,
    drop: true,
    afterAccepted: true,
    stale: 0,
  });
});

test("says which file it is and lists every problem below", () => {
  expect(new ScenarioError("a.yml", ["One thing.", "Another."]).message).toBe(
    "a.yml is not a scenario that can be run.\n  One thing.\n  Another.",
  );
});
