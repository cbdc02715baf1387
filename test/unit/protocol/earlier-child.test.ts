import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { UserError } from "../../../src/errors.ts";
import { findEarlierTrace } from "../../../src/protocol/earlier-child.ts";
import { encodeTicket, makeNonce, readTicket } from "../../../src/protocol/ticket.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const [first, second, pipeline] = [1, 2, 3].map((digit) => `a0000000-0000-4000-8000-00000000000${digit}`) as [
  string,
  string,
  string,
];

const self = {
  job: "trigger",
  jobId: "own-job",
  workflowId: second,
  pipelineId: pipeline,
  workspaceId: first,
  nodeTotal: 1,
};

/** What the ticket says that the first run of `trigger` has sent along. */
const words = {
  parentProject: "gh/acme/app",
  pipelineId: pipeline,
  workflowId: first,
  workspaceId: first,
  hold: "hold",
  receipt: "child",
  childProject: "gh/acme/lib",
  nonce: makeNonce(first, "trigger", "child"),
  expires: 2_000_000_000,
  ancestors: [],
};
const ticket = encodeTicket(words);
const secret = new Secret("secret-that-signs-tickets");
const signed = encodeTicket(words, secret);

const hasNamed = (text: string) => readTicket(text)?.nonce === words.nonce;

const workflow = (id: string, minute: number, name = "release") => ({
  id,
  name,
  project_slug: "gh/acme/app",
  pipeline_id: pipeline,
  pipeline_number: 1,
  status: "failed",
  created_at: `2026-01-01T00:0${minute}:00Z`,
});

/** A second run of `trigger`, whose first run has ended so, without a receipt; the child's project has one pipeline. */
async function look(
  status: string,
  {
    carries = ticket,
    configStatus = 200,
    number = 7 as number | null,
    secret = null as Secret | null,
    actor = "release-bot" as string | null,
  } = {},
) {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("very-secret-token"));
  service.answer("GET", `/pipeline/${pipeline}/workflow`, 200, {
    items: [workflow(second, 5), workflow(first, 0)],
  });
  const job = { id: "t", name: "trigger", type: "build", status, project_slug: "gh/acme/app" };
  service.answer("GET", `/workflow/${first}/job`, 200, {
    items: [{ ...job, job_number: number, stopped_at: "2026-01-01T00:01:00Z" }],
  });
  if (number !== null) {
    service.answer("GET", "/project/gh/acme/app/7/artifacts", 200, { items: [] });
    const child = { id: "c", number: 4, project_slug: "gh/acme/lib", state: "created" };
    service.answer("GET", "/project/gh/acme/lib/pipeline", 200, {
      items: [
        {
          ...child,
          created_at: "2026-01-01T00:00:30Z",
          ...(actor !== null && { trigger: { type: "api", actor: { login: actor } } }),
        },
      ],
    });
    if (hasNamed(carries)) service.answer("GET", "/me", 200, { id: "u", login: "release-bot" });
    service.answer("GET", "/pipeline/c/values", 200, { "pipeline.parameters.circleback": carries });
    service.answer("GET", "/pipeline/c/config", configStatus, { source: "", compiled: "" });
  }
  const wanted = { receipt: "child", project: "gh/acme/lib", ticket, secret };
  const trace = await findEarlierTrace(api, host, self, wanted).catch((error: unknown) =>
    error instanceof UserError ? `${error.code}: ${error.message}` : error,
  );
  service.assertAllUsed();
  return trace;
}

test.each(["canceled", "infrastructure_fail", "timedout", "terminated-unknown", "failed", "success"])(
  "a run that ended %s without a receipt has a child where a pipeline carries its ticket",
  async (status) => {
    expect(await look(status)).toMatchObject({ holder: { pipeline: { id: "c", number: 4 }, ticket } });
  },
);

test("a pipeline with another ticket is not its child", async () => {
  expect(await look("infrastructure_fail", { carries: "cb1.other" })).toBeNull();
});

const ambiguous = (words: string) =>
  `trigger.ambiguous: \`trigger\` of an earlier run ended canceled without a receipt, so it may have triggered gh/acme/lib; #4 carries its ticket, but ${words}.`;
const eve = ambiguous("was triggered by eve, not by release-bot");
const otherSecret = ambiguous("signed with another secret than this job's");
const foreign = encodeTicket(words, new Secret("another-secret"));
const taken = expect.objectContaining({ holder: expect.objectContaining({ pipeline: expect.anything() }) });

test.each([
  ["unsigned", null, ticket, { "release-bot": taken, eve }],
  ["signed, though this job has no secret", null, signed, { "release-bot": taken, eve }],
  ["signed with the secret", secret, signed, { "release-bot": taken, eve }],
  ["unsigned, though there is a secret", secret, ticket, { "release-bot": otherSecret, eve: null }],
  ["signed with an older secret", secret, foreign, { "release-bot": otherSecret, eve: null }],
])("a ticket that is %s counts by who has sent it", async (_, key, carries, ends) => {
  for (const [actor, end] of Object.entries(ends)) {
    expect(await look("canceled", { secret: key, carries, actor })).toEqual(end);
  }
});

test("a pipeline that CircleCI names no actor of is nobody's", async () => {
  expect(await look("canceled", { actor: null })).toBe(
    ambiguous("was triggered by nobody that CircleCI tells of, not by release-bot"),
  );
});

test("a workflow of another name is no earlier run, even where the own one is not listed yet", async () => {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("token"));
  const nightly = workflow(first, 0, "nightly");
  service.answer("GET", `/pipeline/${pipeline}/workflow`, 200, { items: [nightly] });
  service.answer("GET", `/pipeline/${pipeline}/workflow`, 200, { items: [workflow(second, 5), nightly] });
  const wanted = { receipt: "child", project: "gh/acme/lib", ticket, secret: null };
  expect(await findEarlierTrace(api, host, self, wanted)).toBeNull();
  service.assertAllUsed();
});

test("a run that was never given a machine has triggered nothing, and nothing is looked for", async () => {
  expect(await look("canceled", { number: null })).toBeNull();
});

test("where a pipeline of that time cannot be looked into, nobody can tell", async () => {
  expect(await look("infrastructure_fail", { carries: "", configStatus: 404 })).toBe(
    "trigger.ambiguous: `trigger` of an earlier run ended infrastructure_fail without a receipt, so it may have triggered gh/acme/lib; #4 cannot be looked into.",
  );
});
