import { expect, test } from "vitest";
import { createCall } from "../../../src/circleci/call.ts";
import { checkContexts } from "../../../src/doctor/check-contexts.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const project = { id: "project-1", organization_id: "org-1", organization_name: "acme" };
const job = { name: "go", contexts: ["circleback"], tokenVariable: "CIRCLE_TOKEN" };

/** What is found where the job's context has these restrictions. */
async function findWith(restrictions: readonly unknown[]) {
  const circleCi = createMockCircleCi();
  const answer = (path: string, items: readonly unknown[]) =>
    circleCi.answer("GET", path, 200, { items, next_page_token: null });
  answer("/context?owner-id=org-1", [{ id: "context-1", name: "circleback" }]);
  answer("/context/context-1/environment-variable", [{ variable: "CIRCLE_TOKEN" }]);
  answer("/context/context-1/restrictions", restrictions);
  const host = createFakeHost({ fetch: circleCi.fetch });
  const call = createCall(host, circleCi.origin, new Secret("token-1"));
  const [token, ...findings] = await checkContexts(call, job, project);
  circleCi.assertAllUsed();
  expect(token?.text).toBe("context circleback gives go CIRCLE_TOKEN");
  return findings;
}

const restriction = (restriction_type: string, restriction_value: string, name?: string) => ({
  restriction_type,
  restriction_value,
  name,
});

test("a context for this project and another is fine", async () => {
  expect(
    await findWith([
      restriction("project", "project-2", "other"),
      restriction("project", "project-1", "app"),
    ]),
  ).toEqual([{ state: "ok", text: "context circleback is for this project, among 2", remedies: [] }]);
});

test("a context for other projects only is a problem, and they are named", async () => {
  expect(
    await findWith([restriction("project", "project-2", "other"), restriction("project", "project-3")]),
  ).toEqual([
    {
      state: "problem",
      text: "context circleback is for other, project-3 only",
      remedies: ["add this project under the context's project restrictions"],
    },
  ]);
});

test("another restriction with this project's id as its value is none to this project", async () => {
  expect((await findWith([restriction("expression", "project-1")])).map(({ state }) => state)).toEqual([
    "unknown",
  ]);
});
