import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { resolveHold } from "../../../src/protocol/resolve.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const target = { pipelineId: "p", workflowId: "w", hold: "hold" };

function start() {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("very-secret-token"));
  const resolve = () => resolveHold(api, host, target, 60_000);
  const answerHold = (workflow: string, status: string) =>
    service.answer("GET", `/workflow/${workflow}/job`, 200, {
      items: [
        { id: `${workflow}-hold`, name: "hold", type: "approval", status, project_slug: "gh/acme/app" },
      ],
    });
  const viewWorkflow = (id: string, status: string) => ({
    id,
    name: "release",
    project_slug: "gh/acme/app",
    pipeline_id: "p",
    pipeline_number: 1,
    status,
    created_at: id === "w" ? "2026-01-01T00:00:00Z" : "2026-01-01T01:00:00Z",
  });
  return { service, host, resolve, answerHold, viewWorkflow };
}

test("waits for a blocked hold as long as its workflow goes on", async () => {
  const { service, host, resolve, answerHold, viewWorkflow } = start();
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, viewWorkflow("w", "running"));
  answerHold("w", "on_hold");
  service.answer("POST", "/workflow/w/approve/w-hold", 202, { message: "Accepted." });
  answerHold("w", "success");
  expect(await resolve()).toEqual({
    end: "approved",
    hold: { workflowId: "w", jobId: "w-hold", status: "on_hold" },
  });
  expect([host.lines, host.sleeps]).toEqual([[], [1_000]]);
  service.assertAllUsed();
});

test("knows that a blocked hold of a workflow that has ended will never open", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start();
  const workflow = viewWorkflow("w", "failed");
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, workflow);
  service.answer("GET", "/pipeline/p/workflow", 200, { items: [workflow] });
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, workflow);
  expect(await resolve()).toEqual({
    end: "lost",
    hold: { workflowId: "w", jobId: "w-hold", status: "blocked" },
  });
  service.assertAllUsed();
});

test("goes on to the rerun of a workflow that has lost its hold", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start();
  answerHold("w", "canceled");
  service.answer("GET", "/pipeline/p/workflow", 200, {
    items: [viewWorkflow("rerun", "on_hold"), viewWorkflow("w", "canceled")],
  });
  answerHold("rerun", "on_hold");
  answerHold("w", "canceled");
  service.answer("POST", "/workflow/rerun/approve/rerun-hold", 202, { message: "Accepted." });
  answerHold("rerun", "success");
  expect((await resolve()).hold.workflowId).toBe("rerun");
  service.assertAllUsed();
});

test("warns after 10 s when an accepted approval does not show", async () => {
  const { service, host, resolve, answerHold } = start();
  answerHold("w", "on_hold");
  service.answer("POST", "/workflow/w/approve/w-hold", 202, { message: "Accepted." });
  for (let looks = 0; looks < 9; looks++) answerHold("w", "on_hold");
  expect((await resolve()).end).toBe("approved");
  expect(host.lines).toEqual([
    "Warning: CircleCI accepted the approval of `hold`, but does not show it yet.",
  ]);
  expect(host.sleeps.reduce((sum, pause) => sum + pause)).toBe(10_000);
});
