import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const secret = "very-secret-token";

function start() {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  return { service, host, api: createClient(host, service.origin, new Secret(secret)) };
}

const trigger = { project: "gh/acme/app", definitionId: "", branch: "", tag: "", parameters: {} };
const path = "/project/gh/acme/app/pipeline";
const job = { id: "j", name: "test", status: "success", project_slug: "gh/acme/app" };

test("reads all pages", async () => {
  const { service, api } = start();
  service.answer("GET", "/workflow/w/job", 200, { items: [{ ...job, name: "a" }], next_page_token: "t/1" });
  service.answer("GET", "/workflow/w/job?page-token=t%2F1", 200, {
    items: [{ ...job, name: "b" }],
    next_page_token: null,
  });
  expect((await api.jobsOf("w")).map(({ name }) => name)).toEqual(["a", "b"]);
});

test("tells a refused token from a missing right by asking who the token belongs to", async () => {
  const refused = start();
  refused.service.answer("GET", "/pipeline/p", 404, { message: "Project not found" });
  refused.service.answer("GET", "/me", 401, { message: "Unauthorized" });
  await expect(refused.api.pipeline("p")).rejects.toMatchObject({
    code: "circleci.unauthorized",
    message:
      'https://circleci.com refuses the token (GET /pipeline/p was answered 404: "Project not found").',
  });

  const blind = start();
  blind.service.answer("GET", "/pipeline/p", 404, { message: "Project not found" });
  blind.service.answer("GET", "/me", 200, { id: "1", login: "bot" });
  await expect(blind.api.pipeline("p")).rejects.toMatchObject({
    code: "circleci.not-found",
    message:
      'There is no pipeline p, or bot cannot see it (GET /pipeline/p was answered 404: "Project not found").',
  });
});

test("refuses an answer in an unknown form", async () => {
  const { service, api } = start();
  service.answer("GET", "/pipeline/p", 200, { id: 7 });
  await expect(api.pipeline("p")).rejects.toMatchObject({ code: "circleci.failed" });
});

test("says where a redirect would have led instead of following it", async () => {
  const { service, api } = start();
  service.answer("GET", "/pipeline/p", 301, "", { location: "https://elsewhere.example" });
  await expect(api.pipeline("p")).rejects.toMatchObject({
    code: "circleci.failed",
    hints: ["Set `host` to where the API really is; now it is https://circleci.com."],
  });
});

test.each([500, 502, 202, 206])(
  "calls a trigger that was answered %d ambiguous and sends it once",
  async (status) => {
    const { service, api } = start();
    service.answer("POST", path, status, "oops");
    await expect(api.trigger(trigger)).rejects.toMatchObject({ code: "trigger.ambiguous" });
    expect(service.requests).toEqual([`POST ${path}`]);
  },
);

test.each([200, 201])("calls a trigger ambiguous that is answered %d with a page", async (status) => {
  const { service, api } = start();
  service.answer("POST", path, status, "<html>");
  await expect(api.trigger(trigger)).rejects.toMatchObject({ code: "trigger.ambiguous" });
});

test("calls a trigger that never left a plain failure", async () => {
  const { service, api } = start();
  service.breakConnection("POST", path, "ECONNREFUSED");
  await expect(api.trigger(trigger)).rejects.toMatchObject({ code: "circleci.failed" });
});

test("passes on the message of a trigger that CircleCI ignores", async () => {
  const { service, api } = start();
  service.answer("POST", path, 200, { message: "Ignoring pipeline due to CI skip in the commit" });
  expect(await api.trigger(trigger)).toEqual({
    end: "ignored",
    message: "Ignoring pipeline due to CI skip in the commit",
  });
});

test.each(["Branch not found", "branch gone could not be found", "No such branch: gone"])(
  "moves no further than the words say: %s",
  async (message) => {
    const { service, api } = start();
    service.answer("POST", path, 400, { message });
    expect(await api.trigger({ ...trigger, branch: "gone" })).toEqual({ end: "no-branch", message });
  },
);

test.each([
  ["gone", 400, "Unexpected argument(s): branch", "trigger.refused"],
  ["", 400, "Branch not found", "trigger.refused"],
  ["gone", 409, "Branch not found", "circleci.failed"],
  ["gone", 500, "Branch not found", "trigger.ambiguous"],
])("takes nothing else for a branch that is not there: %j, %d %s", async (branch, status, message, code) => {
  const { service, api } = start();
  service.answer("POST", path, status, { message });
  await expect(api.trigger({ ...trigger, branch })).rejects.toMatchObject({ code });
});

test("takes a 404 to a branch for a project that cannot be seen", async () => {
  const { service, api } = start();
  service.answer("POST", path, 404, { message: "Branch not found" });
  service.answer("GET", "/me", 200, { id: "1", login: "bot" });
  await expect(api.trigger({ ...trigger, branch: "gone" })).rejects.toMatchObject({
    code: "circleci.not-found",
  });
});

test("sends branch and parameters in the form of each endpoint", async () => {
  const bodies: unknown[] = [];
  const host = createFakeHost({
    fetch: async (url, init) => {
      bodies.push([url, JSON.parse(String(init.body))]);
      return Response.json(
        { id: "p", number: 1, state: "pending", created_at: "2026-01-01" },
        { status: 201 },
      );
    },
  });
  const api = createClient(host, "https://circleci.com", new Secret(secret));
  await api.trigger({ ...trigger, branch: "main", parameters: { n: 1 } });
  await api.trigger({ ...trigger, tag: "v1", definitionId: "d" });
  await api.trigger({ ...trigger, definitionId: "d" });
  expect(bodies).toEqual([
    [`https://circleci.com/api/v2${path}`, { branch: "main", parameters: { n: 1 } }],
    [
      `https://circleci.com/api/v2${path}/run`,
      { definition_id: "d", config: { tag: "v1" }, checkout: { tag: "v1" }, parameters: {} },
    ],
    [`https://circleci.com/api/v2${path}/run`, { definition_id: "d", parameters: {} }],
  ]);
});

test("never prints the token, even where the service sends it back", async () => {
  const { service, host, api } = start();
  service.answer("POST", path, 400, { message: `bad token ${secret}` });
  const error = await api.trigger(trigger).catch((caught: Error) => caught);
  host.log.error(String(error));
  expect(host.lines).toEqual(["UserError: gh/acme/app was not triggered: bad token [secret]."]);
});

test("says which call got no answer, of a rerun and of a download as well", async () => {
  const { service, api } = start();
  service.breakConnection("POST", "/workflow/w/rerun", "ECONNRESET");
  await expect(api.rerun("w", ["j"])).rejects.toMatchObject({
    code: "circleci.failed",
    message: "POST /workflow/w/rerun got no answer from https://circleci.com: connection broken: ECONNRESET",
  });

  const silent = start();
  for (let count = 0; count < 20; count++)
    silent.service.breakConnection("GET", "/artifact?part=1", "ECONNRESET");
  await expect(silent.api.download("https://circleci.com/api/v2/artifact?part=1")).rejects.toMatchObject({
    code: "circleci.failed",
    message:
      "GET https://circleci.com/api/v2/artifact got no answer from https://circleci.com: connection broken: ECONNRESET",
  });
});

test("says what is no URL, of an artifact's address and of where it leads", async () => {
  const { service, api } = start();
  await expect(api.download("circleback/child.json?key=1")).rejects.toMatchObject({
    code: "circleci.failed",
    message: 'GET circleback/child.json leads to what is no URL: "circleback/child.json".',
  });
  service.answer("GET", "/artifact", 302, "", { location: "https://:0" });
  await expect(api.download("https://circleci.com/api/v2/artifact")).rejects.toMatchObject({
    code: "circleci.failed",
    message: 'GET https://circleci.com/api/v2/artifact leads to what is no URL: "https://:0".',
  });
});

test("reads no more than 16 MB of what it downloads, once", async () => {
  let sent = 0;
  let calls = 0;
  const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
  const pull = (stream: ReadableStreamDefaultController) => {
    sent++;
    if (sent > 100) stream.close();
    else stream.enqueue(megabyte);
  };
  const host = createFakeHost({
    fetch: async () => {
      calls++;
      return new Response(new ReadableStream({ pull }));
    },
  });
  const api = createClient(host, "https://circleci.com", new Secret(secret));
  await expect(api.download("https://circleci.com/api/v2/artifact")).rejects.toMatchObject({
    code: "circleci.failed",
    message:
      "GET https://circleci.com/api/v2/artifact got no answer from https://circleci.com: one that is longer than 16 MB is not read",
  });
  expect([calls, sent < 25]).toEqual([1, true]);
});
