import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { findLostChild } from "../../../src/protocol/find-lost-child.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const ticket = "cb1.payload";
const since = Date.parse("2026-01-01T00:00:00Z");

function pipeline(number: number, seconds: number) {
  return {
    id: `p${number}`,
    number,
    project_slug: "gh/acme/lib",
    created_at: new Date(since + seconds * 1000).toISOString(),
    state: "created",
    errors: [],
    trigger: { actor: { login: "release-bot" } },
  };
}

test("takes the oldest that carries the ticket: a younger one is a copy that somebody has run by hand", async () => {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const items = [pipeline(4, 20), pipeline(3, 10), pipeline(2, 1), pipeline(1, -3600)];
  service.answer("GET", "/project/gh/acme/lib/pipeline", 200, { items, next_page_token: null });
  service.answer("GET", "/pipeline/p2/values", 200, { "parameters.circleback": "" });
  service.answer("GET", "/pipeline/p2/config", 200, { source: "", compiled: "" });
  service.answer("GET", "/pipeline/p3/values", 200, { "parameters.circleback": ticket });
  service.answer("GET", "/pipeline/p3/config", 200, { source: "", compiled: "" });
  const api = createClient(host, service.origin, new Secret("token"));
  expect(await findLostChild(api, host, { project: "gh/acme/lib", ticket, since })).toEqual({
    found: pipeline(3, 10),
    strangers: ["#2"],
    hidden: [],
  });
  service.assertAllUsed();
});
