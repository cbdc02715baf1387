import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { openService, parameterVariables } from "../support/service.ts";

/** The built program with nothing but environment variables, against the simulator's API. */

const secret = "token-that-nobody-may-see";

const projects = {
  "gh/acme/app": `
version: 2.1
jobs:
  any: { docker: [{ image: "cimg/base:stable" }], steps: [checkout] }
workflows:
  release:
    jobs:
      - any: { name: trigger }
      - any: { name: test }
      - hold: { type: approval, requires: [trigger] }
      - early: { type: approval }
      - late: { type: approval, requires: [trigger, test] }
      - ship: { type: no-op, requires: [hold, early, late] }
`,
  "gh/acme/lib": `
version: 2.1
parameters: { circleback: { type: string, default: "" } }
jobs:
  any: { docker: [{ image: "cimg/base:stable" }], steps: [checkout] }
workflows:
  w: { jobs: [any] }
`,
  "gh/other/lib": "version: 2.1",
};

const scenario = `
tokens:
  ${secret}: { login: release-bot, projects: ["gh/acme/*"] }
  token-of-a-stranger: { login: stranger, projects: ["gh/other/*"] }
`;

/** Each version of Node words it in its own way. */
function withoutReason(text: string): string {
  return text.replace(/(is no JSON object: ).*?(\. \()/, "$1…$2");
}

interface Row {
  readonly given?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly errorCode: string;
  readonly calls?: readonly string[];
  /** The whole of standard error without its last line end. */
  readonly says: string;
}

async function attempt({ given = {}, variables = {} }: Pick<Row, "given" | "variables">) {
  const service = await openService({ projects, scenario, jobs: { trigger: "never ends" } });
  const directory = makeFolder();
  const env = {
    ...(await service.variablesOf("trigger")),
    ...(await parameterVariables("trigger-and-wait", {
      project: "gh/acme/lib",
      "approval-job": "hold",
      ...given,
    })),
    CIRCLE_TOKEN: secret,
    ...variables,
  };
  const result = await runBundle("trigger-and-wait", env, directory);
  return {
    exitCode: result.exitCode,
    errorCode: result.errorCode,
    calls: service.calls(),
    says: service.withNames(withoutReason(result.stderr.trimEnd())),
    /** Nothing may be left that check-status could take for a child. */
    receipts: readdirSync(directory, { recursive: true }).filter((name) => String(name).endsWith(".json")),
    leaks: (result.stdout + result.stderr).includes(secret),
  };
}

/** The calls of a step that looks at its workflow and goes no further. */
const look = "GET /workflow/release/job 200";

const tooLong = `${"k".repeat(129)}=1`;
const tooMany = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=1`).join("\n");
const values = "Pass less, such as a URL or a revision by which the child finds the rest.";

const rows: Readonly<Record<string, Row>> = {
  "no project": {
    given: { project: "<nil>" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`project\` is required, but empty. (parameter.invalid)
  - Give it a value in your configuration; one that is computed may have come out empty.`,
  },
  "a slug with two parts": {
    given: { project: "acme/lib" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`project\` is no project slug: "acme/lib". (parameter.invalid)
  - A slug has three parts: gh/<org>/<repo>, bb/<org>/<repo> or circleci/<org id>/<project id>; the project's settings show it.`,
  },
  "a slug that leads elsewhere": {
    given: { project: "gh/acme/.." },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`project\` is no project slug: "gh/acme/..". (parameter.invalid)
  - A slug has three parts: gh/<org>/<repo>, bb/<org>/<repo> or circleci/<org id>/<project id>; the project's settings show it.`,
  },
  "a branch and a tag": {
    given: { branch: "main", tag: "v1" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: \`branch\` is "main" and \`tag\` is "v1", but a pipeline runs on one of them. (parameter.invalid)
  - Give \`branch\` or \`tag\`, not both.`,
  },
  "malformed JSON": {
    given: { parameters: "{a: 1}" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` begins with { but is no JSON object: …. (parameter.invalid)
  - Put names and texts into double quotes, or write one key=value a line.`,
  },
  "a JSON value that no parameter can have": {
    given: { parameters: '{"a": [1]}' },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` gives "a" the value [1]; only strings, whole numbers and true or false can be passed. (parameter.invalid)
  - Put anything else into double quotes: the child gets it as a string.`,
  },
  "a line that is not key=value": {
    given: { parameters: "a=1\nfast" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` has a line that is not key=value: "fast". (parameter.invalid)
  - Write one key=value a line, or one JSON object.`,
  },
  "a quote that stays open": {
    given: { parameters: 'a="x' },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` has a quote that is never closed at "a". (parameter.invalid)
  - End the value with the quote that it begins with: nothing may follow.`,
  },
  "a variable that is not there": {
    given: { parameters: "revision=${REVISION}" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` uses \${REVISION}, but there is no environment variable REVISION. (parameter.invalid)
  - Set it in the job's \`environment\`, a context or the project; what an earlier step exports must be written to $BASH_ENV.`,
  },
  "a variable that is not there, in JSON": {
    given: { parameters: '{"revision": "at ${REVISION}"}' },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` uses \${REVISION}, but there is no environment variable REVISION. (parameter.invalid)
  - Set it in the job's \`environment\`, a context or the project; what an earlier step exports must be written to $BASH_ENV.`,
  },
  "a value that is too long once it is filled in": {
    given: { parameters: "notes=${NOTES}" },
    variables: { NOTES: "n".repeat(513) },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` has a value of 513 characters for "notes"; CircleCI takes 512. (parameter.invalid)
  - ${values}`,
  },
  "a name that is too long": {
    given: { parameters: tooLong },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` has a name of 129 characters; CircleCI takes 128: "${"k".repeat(40)}…". (parameter.invalid)
  - Give the parameter a shorter name, in the child's configuration too.`,
  },
  "a ticket parameter with a name that is too long": {
    given: { "ticket-parameter": "k".repeat(129) },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`ticket-parameter\` has a name of 129 characters; CircleCI takes 128: "${"k".repeat(40)}…". (parameter.invalid)
  - Give the parameter a shorter name, in the child's configuration too.`,
  },
  "too many entries": {
    given: { parameters: tooMany(101) },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`parameters\` has 101 entries; CircleCI takes 100. (parameter.invalid)
  - ${values}`,
  },
  "too many entries once the ticket is among them": {
    given: { parameters: tooMany(100) },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: \`parameters\` has 100 entries, which leaves no room for the ticket: CircleCI takes 100 in all. (parameter.invalid)
  - Pass fewer of them, or, to a child that does not call back, no ticket: \`ticket-parameter: ""\`.`,
  },
  "a parameter in the place of the ticket": {
    given: { parameters: "circleback=x" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: \`parameters\` gives "circleback", which \`ticket-parameter\` keeps for the ticket. (parameter.invalid)
  - Leave it out of \`parameters\`, or set \`ticket-parameter\` to another name.`,
  },
  "an approval job that nobody waits on": {
    given: { wait: "0" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: \`approval-job\` is "hold", but with \`wait: false\` nobody would wait on it. (parameter.invalid)
  - Leave out \`wait\` to sleep on the approval job, or \`approval-job\` to fire and forget.`,
  },
  "an approval job that nobody could wake": {
    given: { "ticket-parameter": "" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: \`approval-job\` is "hold", but without a ticket the child could never wake it. (parameter.invalid)
  - Set \`ticket-parameter\` to a string parameter of the child's pipeline, such as circleback.`,
  },
  "a receipt that is no file name": {
    given: { receipt: "../child" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`receipt\` is no name for a receipt: "../child". (parameter.invalid)
  - Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.`,
  },
  "an unknown duration": {
    given: { "start-timeout": "2 minutes" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`start-timeout\` is no duration: "2 minutes". (parameter.invalid)
  - Write durations like 90s, 10m or 1h30m.`,
  },
  "a host that is not https": {
    given: { host: "http://circleci.example.com" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`host\` is no address that a token may be sent to: "http://circleci.example.com". (parameter.invalid)
  - Give a host name or an https address without a path, like https://circleci.example.com.`,
  },
  "a CIRCLE_HOST that is not https": {
    variables: { CIRCLE_HOST: "http://127.0.0.1.example.com" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`host\` is no address that a token may be sent to: "http://127.0.0.1.example.com". (parameter.invalid)
  - Give a host name or an https address without a path, like https://circleci.example.com.`,
  },
  "several things at once": {
    given: { project: "lib", timeout: "soon" },
    variables: { CIRCLE_TOKEN: "" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`project\` is no project slug: "lib".
Parameter \`token\` names the environment variable CIRCLE_TOKEN, which is not set.
Parameter \`timeout\` is no duration: "soon". (parameter.invalid)
  - A slug has three parts: gh/<org>/<repo>, bb/<org>/<repo> or circleci/<org id>/<project id>; the project's settings show it.
  - Put a personal API token into CIRCLE_TOKEN, best in a context that this job lists under \`context:\`.
  - A pipeline of a forked pull request gets no secrets: filter this job out there.
  - Write durations like 90s, 10m or 1h30m.`,
  },
  "no token": {
    given: { token: "RELEASE_TOKEN" },
    exitCode: 3,
    errorCode: "circleci.unauthorized",
    says: `Error: Parameter \`token\` names the environment variable RELEASE_TOKEN, which is not set. (circleci.unauthorized)
  - Put a personal API token into RELEASE_TOKEN, best in a context that this job lists under \`context:\`.
  - A pipeline of a forked pull request gets no secrets: filter this job out there.`,
  },
  "parallel nodes": {
    variables: { CIRCLE_NODE_TOTAL: "2" },
    exitCode: 2,
    errorCode: "job.parallel",
    says: `Error: \`trigger\` runs on 2 parallel nodes, and each would trigger a child. (job.parallel)
  - Move trigger-and-wait into a job without \`parallelism\`.`,
  },
  "no job around it": {
    variables: { CIRCLE_WORKFLOW_ID: "" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: The environment variable CIRCLE_WORKFLOW_ID is not set. (parameter.invalid)
  - CircleCI sets it in every job: run this command as a step of a job.`,
  },
  "a token that nobody has": {
    variables: { CIRCLE_TOKEN: "wrong" },
    exitCode: 3,
    errorCode: "circleci.unauthorized",
    calls: ["GET /workflow/release/job 404", "GET /me 401"],
    says: `Error: http://circleci refuses the token (GET /workflow/release/job was answered 404: "Workflow not found"). (circleci.unauthorized)
  - Create a personal API token under User Settings, Personal API Tokens; project tokens do not work, and tokens expire.`,
  },
  "a token that cannot see the parent": {
    variables: { CIRCLE_TOKEN: "token-of-a-stranger" },
    exitCode: 5,
    errorCode: "circleci.not-found",
    calls: ["GET /workflow/release/job 404", "GET /me 200"],
    says: `Error: There is no workflow release, or stranger cannot see it (GET /workflow/release/job was answered 404: "Workflow not found"). (circleci.not-found)
  - Check the spelling, and that stranger has access to the project on CircleCI and on its repository.`,
  },
  "a project that the token cannot see": {
    given: { project: "gh/other/lib" },
    exitCode: 5,
    errorCode: "circleci.not-found",
    calls: [look, "POST /project/gh/other/lib/pipeline 404", "GET /me 200"],
    says: `Error: There is no project gh/other/lib, or release-bot cannot see it (POST /project/gh/other/lib/pipeline was answered 404: "Project not found"). (circleci.not-found)
  - Check the spelling, and that release-bot has access to the project on CircleCI and on its repository.`,
  },
  "a branch that does not exist": {
    given: { branch: "gone" },
    exitCode: 4,
    errorCode: "trigger.refused",
    calls: [look, "POST /project/gh/acme/lib/pipeline 400"],
    says: `Error: gh/acme/lib was not triggered: it has no branch gone. (trigger.refused)
  - Give \`branch\` a last resort that is always there: \`branch: \${CIRCLE_BRANCH}, main\`.`,
  },
  "a list of branches of which none exists": {
    given: { branch: "gone, ${LOST},away" },
    variables: { LOST: "" },
    exitCode: 4,
    errorCode: "trigger.refused",
    calls: [look, "POST /project/gh/acme/lib/pipeline 400", "POST /project/gh/acme/lib/pipeline 400"],
    says: `Error: gh/acme/lib was not triggered: it has no branch gone, away. (trigger.refused)
  - Give \`branch\` a last resort that is always there: \`branch: \${CIRCLE_BRANCH}, main\`.`,
  },
  "a branch that no branch can be": {
    given: { branch: "main, feature x" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`branch\` has a name that no branch can have: "feature x". (parameter.invalid)
  - Write the branch's name, or several, separated by commas.`,
  },
  "an unknown on-rerun": {
    given: { "on-rerun": "again" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`on-rerun\` is unknown: "again". (parameter.invalid)
  - It can be reuse, rerun-failed, new.`,
  },
  ...Object.fromEntries(
    ["-1", "0", "1.5", "deep"].map((depth) => [
      `a depth of ${depth}`,
      {
        given: { "max-depth": depth },
        exitCode: 2,
        errorCode: "parameter.invalid",
        says: `Error: Parameter \`max-depth\` is no whole number of at least 1: "${depth}". (parameter.invalid)
  - Write a number such as 5.`,
      },
    ]),
  ),
  "a ticket of its own that is altered": {
    given: { ticket: "cb1.e30" },
    exitCode: 2,
    errorCode: "ticket.invalid",
    calls: [look],
    says: `Error: The ticket is cut or altered: it cannot be read. (ticket.invalid)
  - Pass it on unchanged: \`ticket: << pipeline.parameters.circleback >>\`, with \`circleback\` declared as a string parameter of the pipeline.`,
  },
  "its own project": {
    given: { project: "github/acme/app" },
    exitCode: 2,
    errorCode: "chain.refused",
    calls: [look],
    says: `Error: github/acme/app is already in the chain of pipelines that led to gh/acme/app: they would trigger each other for ever. (chain.refused)
  - Break the circle: a child must not trigger a project that waits for it. Nothing was triggered.`,
  },
  "success-on that is no result": {
    given: { "success-on": "success, fine" },
    exitCode: 2,
    errorCode: "parameter.invalid",
    says: `Error: Parameter \`success-on\` names a result that does not exist: "fine". (parameter.invalid)
  - Results: error, failed, unauthorized, canceled, not_run, success.`,
  },
  "an approval job that the workflow does not have": {
    given: { "approval-job": "hodl" },
    exitCode: 2,
    errorCode: "hold.invalid",
    calls: [look],
    says: `Error: This workflow has no job \`hodl\` to sleep on. (hold.invalid)
  - Its approval jobs are \`hold\`, \`early\`, \`late\`: set \`approval-job\` to one of them.
  - Nothing was triggered.`,
  },
  "a job that is no approval job": {
    given: { "approval-job": "ship" },
    exitCode: 2,
    errorCode: "hold.invalid",
    calls: [look],
    says: `Error: \`ship\` is no approval job, so this workflow cannot sleep on it. (hold.invalid)
  - Give it \`type: approval\` in the workflow, or set \`approval-job\` to a job that has it.
  - Nothing was triggered.`,
  },
  "an approval job that waits for another job, too": {
    given: { "approval-job": "late" },
    exitCode: 2,
    errorCode: "hold.invalid",
    calls: [look],
    says: `Error: The approval job \`late\` must require \`trigger\` and nothing else; it requires \`trigger\`, \`test\`. (hold.invalid)
  - Write \`requires: [trigger]\` for \`late\`, and let the job that runs check-status require whatever else must be done.
  - Nothing was triggered.`,
  },
  "an approval job that does not wait for this job": {
    given: { "approval-job": "early" },
    exitCode: 2,
    errorCode: "hold.invalid",
    calls: [look],
    says: `Error: The approval job \`early\` must require \`trigger\` and nothing else; it requires nothing. (hold.invalid)
  - Write \`requires: [trigger]\` for \`early\`, and let the job that runs check-status require whatever else must be done.
  - Nothing was triggered.`,
  },
};

describe("bad input gets a clear error and triggers nothing", () => {
  test.concurrent.each(Object.entries(rows))("%s", async (_, row) => {
    const { exitCode, errorCode, calls = [], says } = row;
    expect(await attempt(row)).toEqual({ exitCode, errorCode, calls, says, receipts: [], leaks: false });
  });
});
