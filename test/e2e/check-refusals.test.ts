import { expect, test } from "vitest";
import { type BundleResult, runBundle, startBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { openService, parameterVariables, type Service } from "../support/service.ts";

const secret = "a-very-secret-token";

const lib = `
version: 2.1
jobs:
  test: { docker: [{ image: "cimg/base:stable" }], steps: [run: "true"] }
workflows:
  integration: { jobs: [test] }
`;

function openChild(test: "success" | "never ends" = "success"): Promise<Service> {
  return openService({
    projects: { "gh/acme/lib": lib },
    scenario: `
tokens:
  ${secret}: { login: release-bot, projects: ["gh/acme/*"] }
  of-a-stranger: { login: stranger, projects: ["gh/other/*"] }
`,
    jobs: { test },
  });
}

const id = "5034460f-c7c4-4c43-9457-de07e2029e7b";

/** A receipt as trigger-and-wait writes it. */
function receipt(pipeline: object | null): string {
  const parent = { project: "gh/acme/app", pipelineId: id, workflowId: id, workspaceId: id };
  const request = { receipt: "child", project: "gh/acme/lib", branch: "", tag: "", nonce: "n", request: "r" };
  const sent = { ticket: "", sentAt: 0, hold: "", cancelChild: false };
  return JSON.stringify({ version: 1, ...request, ...sent, parent, pipeline });
}

function receiptOf(pipelineId: string): string {
  return receipt({ id: pipelineId, number: 1, url: "https://child" });
}

async function environment(service: Service, parameters: Readonly<Record<string, string>>, token: string) {
  const variables = await parameterVariables("check-status", { host: service.url, ...parameters });
  return { ...variables, ...(token && { CIRCLE_TOKEN: token }) };
}

async function check(
  service: Service,
  parameters: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  token = secret,
): Promise<BundleResult> {
  return runBundle("check-status", await environment(service, parameters, token), makeFolder(files));
}

const file = ".circleback/receipts/child.json";
const sameVersion =
  "  - Use the same version of the orb in all jobs of a workflow, and leave `.circleback` to it.";
const results = "  - Results: error, failed, unauthorized, canceled, not_run, success.";
const names = "  - Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.";

test.each([
  [
    "a receipt that is missing",
    {},
    {},
    `Error: There is no receipt \`child\` in the workspace (${file}). (receipt.invalid)
  - \`receipts\` must name the \`receipt\` of a trigger-and-wait that this job comes after, through \`requires\`.
  - A workspace lives 15 days: after a longer wait, rerun the workflow from the start.`,
  ],
  [
    "one of two receipts that is missing",
    { receipts: "child, other" },
    { [file]: receiptOf(id) },
    `Error: There is no receipt \`other\` in the workspace (.circleback/receipts/other.json). (receipt.invalid)
  - \`receipts\` must name the \`receipt\` of a trigger-and-wait that this job comes after, through \`requires\`.
  - A workspace lives 15 days: after a longer wait, rerun the workflow from the start.`,
  ],
  [
    "a receipt that is no JSON",
    {},
    { [file]: "" },
    `Error: ${file} is no receipt of this version of circleback. (receipt.invalid)
${sameVersion}`,
  ],
  [
    "a receipt of another version",
    {},
    { [file]: receiptOf(id).replace('"version":1', '"version":2') },
    `Error: ${file} is no receipt of this version of circleback. (receipt.invalid)
${sameVersion}`,
  ],
  [
    "a receipt of a trigger that was never answered",
    {},
    { [file]: receipt(null) },
    `Error: The receipt \`child\` tells of a trigger of gh/acme/lib that never got an answer. (receipt.invalid)
  - Rerun the workflow from the start.`,
  ],
  [
    "a result that does not exist",
    { "success-on": "success, fine" },
    { [file]: receiptOf(id) },
    `Error: Parameter \`success-on\` names a result that does not exist: "fine". (parameter.invalid)\n${results}`,
  ],
  [
    "names that are none, and an unknown duration",
    { receipts: "../child", timeout: "10" },
    { [file]: receiptOf(id) },
    `Error: Parameter \`receipts\` is no name for a receipt: "../child".
Parameter \`timeout\` is no duration: "10". (parameter.invalid)
${names}
  - Write durations like 90s, 10m or 1h30m.`,
  ],
])("refuses %s without a call", async (_, parameters, files, stderr) => {
  const service = await openChild();
  expect([await check(service, parameters, files), service.calls()]).toEqual([
    { exitCode: 2, errorCode: /\((\w+\.\w+)\)$/m.exec(stderr)?.[1], stdout: "", stderr: `${stderr}\n` },
    [],
  ]);
});

test.each([
  ["child,child", 'names a receipt twice: "child,child"', "Name each receipt once."],
  ["child,", 'has an empty place in its list: "child,"', "Separate names with one comma each."],
])("refuses the list %s", async (receipts, half, hint) => {
  const service = await openChild();
  const result = await check(service, { receipts }, { [file]: receiptOf(id) });
  expect([result, service.calls()]).toEqual([
    {
      exitCode: 2,
      errorCode: "parameter.invalid",
      stdout: "",
      stderr: `Error: Parameter \`receipts\` ${half}. (parameter.invalid)\n  - ${hint}\n`,
    },
    [],
  ]);
});

test("asks for the token before it calls anybody", async () => {
  const service = await openChild();
  const result = await check(service, {}, { [file]: receiptOf(id) }, "");
  expect([result, service.calls()]).toEqual([
    {
      exitCode: 3,
      errorCode: "circleci.unauthorized",
      stdout: "",
      stderr: `Error: Parameter \`token\` names the environment variable CIRCLE_TOKEN, which is not set. (circleci.unauthorized)
  - Put a personal API token into CIRCLE_TOKEN, best in a context that this job lists under \`context:\`.
  - A pipeline of a forked pull request gets no secrets: filter this job out there.
`,
    },
    [],
  ]);
});

test("tells a token that nobody owns from one without access", async () => {
  const service = await openChild();
  const { CIRCLE_PIPELINE_ID = "" } = await service.variablesOf("test");
  const files = { [file]: receiptOf(CIRCLE_PIPELINE_ID) };
  const call = `GET /pipeline/${CIRCLE_PIPELINE_ID}/workflow was answered 404: "Pipeline not found"`;
  expect([
    await check(service, {}, files, "nobody-has-this-token"),
    await check(service, {}, files, "of-a-stranger"),
  ]).toEqual([
    {
      exitCode: 3,
      errorCode: "circleci.unauthorized",
      stdout: "",
      stderr: `Error: ${service.url} refuses the token (${call}). (circleci.unauthorized)
  - Create a personal API token under User Settings, Personal API Tokens; project tokens do not work, and tokens expire.
`,
    },
    {
      exitCode: 5,
      errorCode: "circleci.not-found",
      stdout: "",
      stderr: `Error: There is no pipeline ${CIRCLE_PIPELINE_ID}, or stranger cannot see it (${call}). (circleci.not-found)
  - Check the spelling, and that stranger has access to the project on CircleCI and on its repository.
`,
    },
  ]);
});

test("ends when its job is cancelled", async () => {
  const service = await openChild("never ends");
  const { CIRCLE_PIPELINE_ID = "" } = await service.variablesOf("test");
  const folder = makeFolder({ [file]: receiptOf(CIRCLE_PIPELINE_ID) });
  const step = await startBundle("check-status", await environment(service, {}, secret), folder);
  await step.untilItSays("integration is running");
  step.child.kill("SIGTERM");
  expect(await step.result).toEqual({
    exitCode: 6,
    errorCode: "job.canceled",
    stdout: "gh/acme/lib #1: integration is running\n",
    stderr: "Error: This job was cancelled. (job.canceled)\n",
  });
});
