import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { awaitStart } from "../../../src/protocol/await-start.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const workflow = {
  id: "w1",
  name: "test",
  status: "running",
  created_at: "2026-01-01T00:00:00Z",
  stopped_at: null,
  pipeline_id: "p1",
  pipeline_number: 7,
  project_slug: "gh/acme/child",
};

test.each([
  ["a second after the trigger, before which it would see nothing", 0, [1_000]],
  ["for what is left of that second", -600, [400]],
  ["at once where the trigger is older, as when the receipt was stored in between", -5_000, []],
  ["in a second at most, whatever the clock of a receipt says", 60_000, [1_000]],
])("looks %s", async (_, age, sleeps) => {
  const host = createFakeHost({
    fetch: async () => Response.json({ items: [workflow], next_page_token: null }),
  });
  const api = createClient(host, "https://circleci.com", new Secret("token"));
  const child = { project: "gh/acme/child", id: "p1", number: 7, url: "https://app.circleci.com/p1" };
  await awaitStart(api, host, child, { timeout: 120_000, sentAt: host.clock.now() + age });
  expect(host.sleeps).toEqual(sleeps);
});
