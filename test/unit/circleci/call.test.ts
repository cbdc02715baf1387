import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

test("does not follow pages that lead in a circle", async () => {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("very-secret-token"));
  service.answer("GET", "/workflow/w/job", 200, { items: [], next_page_token: "again" });
  service.answer("GET", "/workflow/w/job?page-token=again", 200, { items: [], next_page_token: "again" });
  await expect(api.jobsOf("w")).rejects.toMatchObject({
    code: "circleci.failed",
    message: "GET /workflow/w/job gives the same page again and again.",
  });
});
