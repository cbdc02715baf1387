import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { findLostChild, findOldChild } from "../../../src/protocol/find-lost-child.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi, type MockCircleCi } from "../../support/mock-circleci.ts";

const ticket = "cb1.payload";
const since = Date.parse("2026-01-01T00:00:00Z");
const wanted = { project: "gh/acme/lib", ticket, since };

function pipeline(number: number, seconds: number, login = "release-bot") {
  return {
    id: `p${number}`,
    number,
    project_slug: "gh/acme/lib",
    created_at: new Date(since + seconds * 1000).toISOString(),
    state: "created",
    errors: [],
    trigger: { actor: { login } },
  };
}

function prepare(items: readonly ReturnType<typeof pipeline>[]) {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  service.answer("GET", "/project/gh/acme/lib/pipeline", 200, { items, next_page_token: null });
  return { service, host, api: createClient(host, service.origin, new Secret("token")) };
}

const askMe = (service: MockCircleCi) => service.answer("GET", "/me", 200, { id: "u", login: "release-bot" });

function tell(service: MockCircleCi, id: string, text: string): void {
  service.answer("GET", `/pipeline/${id}/values`, 200, { "parameters.circleback": text });
  service.answer("GET", `/pipeline/${id}/config`, 200, { source: "", compiled: "" });
}

function hide(service: MockCircleCi, id: string): void {
  for (const part of ["values", "config"]) {
    service.answer("GET", `/pipeline/${id}/${part}`, 404, {});
    askMe(service);
  }
}

test("takes the oldest that carries the ticket: a younger one is a copy that somebody has run by hand", async () => {
  const { service, host, api } = prepare([
    pipeline(4, 20),
    pipeline(3, 10),
    pipeline(2, 1),
    pipeline(1, -3600),
  ]);
  tell(service, "p2", "");
  tell(service, "p3", ticket);
  askMe(service);
  expect(await findLostChild(api, host, wanted)).toEqual({
    found: { pipeline: pipeline(3, 10), ticket },
    unclear: null,
    strangers: [pipeline(2, 1)],
  });
  service.assertAllUsed();
});

test("takes no copy by another user, whether the child itself is older, younger or cannot be read", async () => {
  const copy = pipeline(2, 10, "eve");
  const younger = prepare([pipeline(3, 20), copy]);
  tell(younger.service, "p2", ticket);
  tell(younger.service, "p3", ticket);
  askMe(younger.service);
  const hidden = prepare([copy, pipeline(1, 1)]);
  hide(hidden.service, "p1");
  tell(hidden.service, "p2", ticket);
  askMe(hidden.service);
  const alone = prepare([copy]);
  tell(alone.service, "p2", ticket);
  askMe(alone.service);
  const byEve = "#2 carries its ticket, but was triggered by eve, not by release-bot";
  const hints = [expect.stringMatching(/^Look at that pipeline: /)];
  expect([
    await findOldChild(younger.api, wanted),
    await findOldChild(hidden.api, wanted),
    await findOldChild(alone.api, wanted),
  ]).toEqual([
    { found: { pipeline: pipeline(3, 20), ticket }, unclear: null, strangers: [] },
    { found: null, unclear: { words: `${byEve}; #1 cannot be looked into`, hints }, strangers: [] },
    { found: null, unclear: { words: byEve, hints }, strangers: [] },
  ]);
  for (const { service } of [younger, hidden, alone]) service.assertAllUsed();
});

test("ends where the service gives the same page again and again", async () => {
  const page = { items: [pipeline(2, 10)], next_page_token: "again" };
  const endless = createMockCircleCi();
  const host = createFakeHost({ fetch: endless.fetch });
  endless.answer("GET", "/project/gh/acme/lib/pipeline", 200, page);
  endless.answer("GET", "/project/gh/acme/lib/pipeline?page-token=again", 200, page);
  await expect(
    findOldChild(createClient(host, endless.origin, new Secret("token")), wanted),
  ).rejects.toMatchObject({
    code: "circleci.failed",
    message: "GET /project/gh/acme/lib/pipeline gives the same page again and again.",
  });
  endless.assertAllUsed();
});
