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

test.each([500, 502])("calls a trigger that was answered %d ambiguous and sends it once", async (status) => {
  const { service, api } = start();
  service.answer("POST", path, status, "oops");
  await expect(api.trigger(trigger)).rejects.toMatchObject({ code: "trigger.ambiguous" });
  expect(service.requests).toEqual([`POST ${path}`]);
});

test("calls a trigger ambiguous whose answer cannot be read", async () => {
  const { service, api } = start();
  service.answer("POST", path, 201, "<html>");
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
    triggered: false,
    message: "Ignoring pipeline due to CI skip in the commit",
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
