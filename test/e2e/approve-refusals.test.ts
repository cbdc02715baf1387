import { expect, test, vi } from "vitest";
import { encodeTicket } from "../../src/protocol/ticket.ts";
import { type BundleResult, runBundle, startBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { openService, parameterVariables, type Service } from "../support/service.ts";

const secret = "a-very-secret-token";

const app = `
version: 2.1
jobs:
  trigger: { docker: [{ image: "cimg/base:stable" }], steps: [run: "true"] }
workflows:
  release:
    jobs:
      - trigger
      - hold: { type: approval, requires: [trigger] }
`;

const lib = `
version: 2.1
jobs:
  circle-back: { docker: [{ image: "cimg/base:stable" }], steps: [run: "true"] }
workflows:
  integration: { jobs: [circle-back] }
`;

/** A parent whose hold waits, or, while its trigger job does not end, is blocked; and a child that calls back. */
async function openParent(trigger: "success" | "never ends" = "success"): Promise<Service> {
  const service = await openService({
    projects: { "gh/acme/app": app, "gh/acme/lib": lib },
    scenario: `
tokens:
  ${secret}: { login: release-bot, projects: ["gh/acme/*"] }
  of-a-stranger: { login: stranger, projects: ["gh/other/*"] }
`,
    jobs: { trigger, "circle-back": "never ends" },
  });
  service.trigger("gh/acme/lib");
  return service;
}

const written = {
  parentProject: "gh/acme/app",
  pipelineId: "5034460f-c7c4-4c43-9457-de07e2029e7b",
  workflowId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
  workspaceId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
  hold: "hold",
  receipt: "child",
  childProject: "gh/acme/lib",
  nonce: "AAAAAAAAAAAAAAAAAAAAAA",
  expires: 1_900_000_000,
  ancestors: [],
};
const ticket = encodeTicket(written);

const well = "All other jobs of this workflow have ended well.\n";

type Parameters = Readonly<Record<string, string>>;

async function environment(service: Service, parameters: Parameters, token: string) {
  const variables = await parameterVariables("approve-in-parent", { host: service.url, ...parameters });
  const job = await service.variablesOf("circle-back");
  return { ...job, ...variables, ...(token && { CIRCLE_TOKEN: token }) };
}

async function approve(service: Service, parameters: Parameters, token = secret): Promise<BundleResult> {
  return runBundle("approve-in-parent", await environment(service, parameters, token), makeFolder());
}

function statusOfHold({ pipelines }: Service): string | undefined {
  return pipelines[0]?.workflows[0]?.jobs.find(({ name }) => name === "hold")?.status;
}

/** A parent whose hold exists, and how to name it in the older style. */
async function openKnownParent(trigger: "success" | "never ends" = "success") {
  const service = await openParent(trigger);
  const { CIRCLE_PIPELINE_ID = "" } = await service.variablesOf("trigger");
  await vi.waitFor(() => expect(statusOfHold(service)).toBe(trigger === "success" ? "on_hold" : "blocked"));
  return { service, parameters: { "pipeline-id": CIRCLE_PIPELINE_ID, "approval-job": "hold" } };
}

const passItOn =
  "  - Pass it on unchanged: `ticket: << pipeline.parameters.circleback >>`, with `circleback` declared as a string parameter of the pipeline.";

test.each([
  [
    "a ticket that is cut",
    { ticket: ticket.slice(0, -9) },
    `Error: The ticket is cut or altered: it has characters that do not belong there. (ticket.invalid)\n${passItOn}`,
  ],
  [
    "a ticket that is altered",
    { ticket: alter(ticket) },
    `Error: The ticket is cut or altered: its checksum does not fit. (ticket.invalid)\n${passItOn}`,
  ],
  [
    "a ticket of an unknown version",
    { ticket: ticket.replace("cb1.", "cb2.") },
    `Error: The ticket is of version cb2, and this orb knows cb1. (ticket.invalid)\n${passItOn}`,
  ],
  [
    "a ticket that is none",
    { ticket: "5034460f-c7c4-4c43-9457-de07e2029e7b" },
    `Error: The ticket does not begin with \`cb1\`. (ticket.invalid)\n${passItOn}`,
  ],
  [
    "a ticket and a pipeline id",
    { ticket, "pipeline-id": "5034460f-c7c4-4c43-9457-de07e2029e7b", "approval-job": "hold" },
    "Error: Both `ticket` and `pipeline-id` say whom to wake. (parameter.invalid)\n  - Give `ticket` or `pipeline-id`, not both.",
  ],
  [
    "a pipeline id without the name of the hold",
    { "pipeline-id": "5034460f-c7c4-4c43-9457-de07e2029e7b" },
    "Error: `pipeline-id` is 5034460f-c7c4-4c43-9457-de07e2029e7b, but `approval-job` is empty. (parameter.invalid)\n  - Set `approval-job` to the name of the approval job that the parent sleeps on.",
  ],
  [
    "a pipeline id that is none, and an unknown duration",
    { "pipeline-id": "12", "approval-job": "hold", timeout: "soon" },
    'Error: Parameter `pipeline-id` is no pipeline id: "12".\nParameter `timeout` is no duration: "soon". (parameter.invalid)\n  - A pipeline id is a UUID: << pipeline.id >> of the parent.\n  - Write durations like 90s, 10m or 1h30m.',
  ],
  [
    "an unknown on-failure",
    { ticket, "on-failure": "ignore" },
    'Error: Parameter `on-failure` is unknown: "ignore". (parameter.invalid)\n  - It can be approve, cancel, leave.',
  ],
  [
    "a hold that anybody could name",
    { ticket, "require-receipt": "0" },
    "Error: With `require-receipt: false` anybody who can set a pipeline parameter could name any approval job. (parameter.invalid)\n  - Name the parents that this pipeline may wake: `allowed-parents: gh/acme/app`.",
  ],
  [
    "an unsigned ticket where signatures are required",
    { ticket, "require-signature": "1" },
    `Error: The ticket cannot be checked: \`require-signature\` is set, but there is no signing secret. (ticket.invalid)\n  - Put the parent's signing secret into a context of this job, as the variable that \`signing-secret\` names.`,
  ],
  [
    "an address that a token may not be sent to",
    { ticket, host: "http://circleci.example.com" },
    'Error: Parameter `host` is no address that a token may be sent to: "http://circleci.example.com". (parameter.invalid)\n  - Give a host name or an https address without a path, like https://circleci.example.com.',
  ],
])("refuses %s without a call", async (_, parameters, stderr) => {
  const service = await openParent();
  expect([await approve(service, parameters), service.calls()]).toEqual([
    { exitCode: 2, errorCode: /\((\S+)\)/.exec(stderr)?.[1], stdout: "", stderr: `${stderr}\n` },
    [],
  ]);
});

test("asks for the token where there is a ticket, and calls nobody without", async () => {
  const service = await openParent();
  expect([await approve(service, { ticket }, ""), service.calls()]).toEqual([
    {
      exitCode: 3,
      errorCode: "circleci.unauthorized",
      stdout: "",
      stderr: `Error: The environment variable CIRCLE_TOKEN is not set. (circleci.unauthorized)
  - Put a personal API token into CIRCLE_TOKEN, best in a context that this job lists under \`context:\`.
  - A pipeline of a forked pull request gets no secrets: filter this job out there.
`,
    },
    [],
  ]);
});

test.each(["", "<nil>", " <nil> "])(
  "has nothing to do for the ticket %j, even without a token",
  async (none) => {
    const service = await openParent();
    const parameters = { ticket: none, "pipeline-id": none, "approval-job": none };
    expect([await approve(service, parameters, ""), service.calls()]).toEqual([
      {
        exitCode: 0,
        errorCode: null,
        stdout: "This pipeline was not triggered by circleback: there is no parent to wake.\n",
        stderr: "",
      },
      [],
    ]);
  },
);

test("has nothing to do for a parent that sleeps on no hold, even without a token", async () => {
  const service = await openParent();
  expect([
    await approve(service, { ticket: encodeTicket({ ...written, hold: "" }) }, ""),
    service.calls(),
  ]).toEqual([
    {
      exitCode: 0,
      errorCode: null,
      stdout: "The parent of this pipeline sleeps on no approval job: it reads the result by itself.\n",
      stderr: "",
    },
    [],
  ]);
});

test("tells a token that nobody owns from one without access", async () => {
  const { service, parameters } = await openKnownParent();
  const id = service.pipelines[1]?.workflows[0]?.id;
  const wrong = await approve(service, parameters, "nobody-has-this-token");
  const blind = await approve(service, parameters, "of-a-stranger");
  expect([wrong, blind, statusOfHold(service)]).toEqual([
    {
      exitCode: 3,
      errorCode: "circleci.unauthorized",
      stdout: "",
      stderr: `Error: ${service.url} refuses the token (GET /workflow/${id}/job was answered 404: "Workflow not found"). (circleci.unauthorized)
  - Create a personal API token under User Settings, Personal API Tokens; project tokens do not work, and tokens expire.
`,
    },
    {
      exitCode: 5,
      errorCode: "circleci.not-found",
      stdout: "",
      stderr: `Error: There is no workflow ${id}, or stranger cannot see it (GET /workflow/${id}/job was answered 404: "Workflow not found"). (circleci.not-found)
  - Check the spelling, and that stranger has access to the project on CircleCI and on its repository.
`,
    },
    "on_hold",
  ]);
});

test.each([
  ["hodl", "The parent's pipeline has no approval job `hodl`."],
  ["trigger", "The parent's job `trigger` is no approval job, so it cannot be approved."],
])("refuses %s, which is no approval job of the parent", async (name, sentence) => {
  const { service, parameters } = await openKnownParent();
  expect([await approve(service, { ...parameters, "approval-job": name }), statusOfHold(service)]).toEqual([
    {
      exitCode: 2,
      errorCode: "hold.invalid",
      stdout: well,
      stderr: `Error: ${sentence} (hold.invalid)\n  - The parent's workflow needs \`- ${name}: { type: approval, requires: [...] }\`.\n`,
    },
    "on_hold",
  ]);
});

test("ends when its job is cancelled, and leaves the hold as it was", async () => {
  const { service, parameters } = await openKnownParent("never ends");
  const step = await startBundle(
    "approve-in-parent",
    await environment(service, parameters, secret),
    makeFolder(),
  );
  await vi.waitFor(() => expect(service.calls().length).toBeGreaterThan(2), { timeout: 10_000 });
  step.child.kill("SIGTERM");
  expect([await step.result, statusOfHold(service)]).toEqual([
    {
      exitCode: 6,
      errorCode: "job.canceled",
      stdout: well,
      stderr: "Error: This job was cancelled. (job.canceled)\n",
    },
    "blocked",
  ]);
});

/** The same ticket with one letter changed in the name of the hold. */
function alter(text: string): string {
  const [version, payload = ""] = text.split(".");
  const json = Buffer.from(payload, "base64url").toString().replace('"h":"hold"', '"h":"hole"');
  return `${version}.${Buffer.from(json).toString("base64url")}`;
}
