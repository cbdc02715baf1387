import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import { UserError } from "../../../src/errors.ts";
import type { Hold } from "../../../src/protocol/find-hold.ts";
import type { Deed } from "../../../src/protocol/release.ts";
import { resolveHold } from "../../../src/protocol/resolve.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

interface Options {
  readonly deed?: Deed;
  readonly workflowId?: string | null;
  /** Answers by workflow, one a look, the last one for good. Missing: the hold is ours. */
  readonly vouches?: Readonly<Record<string, readonly ("yes" | "not yet" | "foreign")[]>>;
}

function start({ deed = "approve", workflowId = "w", vouches = {} }: Options = {}) {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("very-secret-token"));
  const looks = new Map<string, number>();
  const vouch = async ({ workflowId: id }: Hold) => {
    const answers = vouches[id] ?? ["yes"];
    const look = looks.get(id) ?? 0;
    looks.set(id, look + 1);
    const answer = answers[Math.min(look, answers.length - 1)];
    if (answer === "foreign") throw new UserError("hold.foreign", `${id} waits for another one`);
    return answer === "yes";
  };
  const resolve = () =>
    resolveHold(api, host, { pipelineId: "p", workflowId, hold: "hold", deed, vouch }, 60_000);
  const answerHold = (workflow: string, status: string) =>
    service.answer("GET", `/workflow/${workflow}/job`, 200, {
      items: [
        { id: `${workflow}-hold`, name: "hold", type: "approval", status, project_slug: "gh/acme/app" },
      ],
    });
  const approve = (workflow: string) => {
    service.answer("POST", `/workflow/${workflow}/approve/${workflow}-hold`, 202, { message: "Accepted." });
    answerHold(workflow, "success");
  };
  const viewWorkflow = (id: string, status: string) => ({
    id,
    name: "release",
    project_slug: "gh/acme/app",
    pipeline_id: "p",
    pipeline_number: 1,
    status,
    created_at: id === "w" ? "2026-01-01T00:00:00Z" : "2026-01-01T01:00:00Z",
  });
  /** The parent was cancelled and run again: both runs are looked at. */
  const answerRerun = (status: string) => {
    answerHold("w", "canceled");
    service.answer("GET", "/pipeline/p/workflow", 200, {
      items: [viewWorkflow("rerun", "running"), viewWorkflow("w", "canceled")],
    });
    answerHold("rerun", status);
    answerHold("w", "canceled");
  };
  return { service, host, resolve, answerHold, approve, viewWorkflow, answerRerun };
}

function hold(workflow: string, status: string): Hold {
  const [workflowId, jobId] = [workflow, `${workflow}-hold`];
  return { name: "hold", workflowId, jobId, status, project: "gh/acme/app", upstream: [] };
}

test("waits for a blocked hold as long as its workflow goes on", async () => {
  const { service, host, resolve, answerHold, approve, viewWorkflow } = start();
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, viewWorkflow("w", "running"));
  answerHold("w", "on_hold");
  approve("w");
  expect(await resolve()).toEqual({ end: "done", hold: hold("w", "on_hold") });
  expect([host.lines, host.sleeps]).toEqual([[], [1_000, 500]]);
  service.assertAllUsed();
});

test("waits for a hold that does not show yet for whom it waits", async () => {
  const { service, host, resolve, answerHold, approve } = start({
    vouches: { w: ["not yet", "not yet", "yes"] },
  });
  for (let looks = 0; looks < 3; looks++) answerHold("w", "on_hold");
  approve("w");
  expect(await resolve()).toEqual({ end: "done", hold: hold("w", "on_hold") });
  expect(host.sleeps).toEqual([1_000, 1_500, 500]);
  service.assertAllUsed();
});

test("refuses a hold that waits for another pipeline, and asks for no approval", async () => {
  const { service, resolve, answerHold } = start({ vouches: { w: ["not yet", "foreign"] } });
  for (let looks = 0; looks < 2; looks++) answerHold("w", "on_hold");
  await expect(resolve()).rejects.toMatchObject({ code: "hold.foreign", exitCode: 2 });
  expect(service.requests.filter((request) => request.startsWith("POST"))).toEqual([]);
});

test("knows that a blocked hold of a workflow that has ended will never open", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start();
  const workflow = viewWorkflow("w", "failed");
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, workflow);
  service.answer("GET", "/pipeline/p/workflow", 200, { items: [workflow] });
  answerHold("w", "blocked");
  service.answer("GET", "/workflow/w", 200, workflow);
  expect(await resolve()).toEqual({ end: "lost", hold: hold("w", "blocked") });
  service.assertAllUsed();
});

test("goes on to the rerun of a workflow that has lost its hold", async () => {
  const { service, resolve, answerRerun, approve } = start();
  answerRerun("on_hold");
  approve("rerun");
  expect(await resolve()).toEqual({ end: "done", hold: hold("rerun", "on_hold") });
  service.assertAllUsed();
});

test("waits for the receipt of a rerun, too, before it gives the parent up for lost", async () => {
  const { service, resolve, answerRerun, approve } = start({ vouches: { rerun: ["not yet", "yes"] } });
  answerRerun("on_hold");
  answerRerun("on_hold");
  approve("rerun");
  expect(await resolve()).toEqual({ end: "done", hold: hold("rerun", "on_hold") });
  service.assertAllUsed();
});

test("leaves the hold of a rerun alone that has triggered a child of its own", async () => {
  const { service, resolve, answerRerun, viewWorkflow } = start({ vouches: { rerun: ["foreign"] } });
  answerRerun("blocked");
  service.answer("GET", "/workflow/rerun", 200, viewWorkflow("rerun", "running"));
  answerRerun("on_hold");
  expect(await resolve()).toEqual({ end: "lost", hold: hold("w", "canceled") });
  service.assertAllUsed();
});

test("picks, of several holds of a pipeline, the one that waits for this child", async () => {
  const { service, resolve, answerHold, approve, viewWorkflow } = start({
    workflowId: null,
    vouches: { rerun: ["foreign"] },
  });
  service.answer("GET", "/pipeline/p/workflow", 200, {
    items: [viewWorkflow("rerun", "on_hold"), viewWorkflow("w", "on_hold")],
  });
  answerHold("rerun", "on_hold");
  answerHold("w", "on_hold");
  approve("w");
  expect(await resolve()).toEqual({ end: "done", hold: hold("w", "on_hold") });
  service.assertAllUsed();
});

test("refuses a pipeline whose only hold waits for another one", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start({
    workflowId: null,
    vouches: { w: ["foreign"] },
  });
  service.answer("GET", "/pipeline/p/workflow", 200, { items: [viewWorkflow("w", "on_hold")] });
  answerHold("w", "on_hold");
  await expect(resolve()).rejects.toMatchObject({ code: "hold.foreign" });
  service.assertAllUsed();
});

test("cancels, reads back, and knows its own deed when the answer is lost", async () => {
  const plain = start({ deed: "cancel" });
  plain.answerHold("w", "on_hold");
  plain.service.answer("POST", "/jobs/w-hold/cancel", 200, { message: "Job canceled successfully." });
  plain.answerHold("w", "canceled");
  expect(await plain.resolve()).toEqual({ end: "done", hold: hold("w", "on_hold") });
  plain.service.assertAllUsed();

  const lost = start({ deed: "cancel" });
  lost.answerHold("w", "on_hold");
  lost.service.breakConnection("POST", "/jobs/w-hold/cancel", "ECONNRESET");
  lost.answerHold("w", "canceled");
  lost.service.answer("GET", "/pipeline/p/workflow", 200, { items: [lost.viewWorkflow("w", "canceled")] });
  lost.answerHold("w", "canceled");
  expect(await lost.resolve()).toEqual({ end: "done", hold: hold("w", "canceled") });
  lost.service.assertAllUsed();
});

test("does not take for its own deed what somebody has approved that it was about to cancel", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start({ deed: "cancel" });
  answerHold("w", "on_hold");
  service.breakConnection("POST", "/jobs/w-hold/cancel", "ECONNRESET");
  answerHold("w", "success");
  service.answer("GET", "/pipeline/p/workflow", 200, { items: [viewWorkflow("w", "success")] });
  answerHold("w", "success");
  expect(await resolve()).toEqual({ end: "already-approved", hold: hold("w", "success") });
  service.assertAllUsed();
});

test.each(["approve", "cancel"] as const)("does not %s what somebody has approved before", async (deed) => {
  const { service, resolve, answerHold, viewWorkflow } = start({ deed });
  answerHold("w", "success");
  service.answer("GET", "/pipeline/p/workflow", 200, { items: [viewWorkflow("w", "success")] });
  answerHold("w", "success");
  expect(await resolve()).toEqual({ end: "already-approved", hold: hold("w", "success") });
  service.assertAllUsed();
});

/** Accepted, and not to be seen for the 10 s in which it is read back. */
function acceptInVain({ service, answerHold }: ReturnType<typeof start>, body: unknown) {
  answerHold("w", "on_hold");
  service.answer("POST", "/workflow/w/approve/w-hold", 200, body);
  for (let looks = 0; looks < 9; looks++) answerHold("w", "on_hold");
}

test.each([{ message: "Accepted." }, "<html>One moment</html>"])(
  "asks once more where an accepted approval does not show (%j)",
  async (body) => {
    const world = start();
    acceptInVain(world, body);
    world.answerHold("w", "on_hold");
    world.approve("w");
    expect(await world.resolve()).toEqual({ end: "done", hold: hold("w", "on_hold") });
    expect(world.host.lines).toEqual([
      "Warning: CircleCI accepted to approve `hold`, but does not show it; looking again.",
    ]);
    world.service.assertAllUsed();
  },
);

test("says that the time is up, not that it approved, where an accepted approval never shows", async () => {
  const world = start();
  for (let times = 0; times < 6; times++) acceptInVain(world, { message: "Accepted." });
  await expect(world.resolve()).rejects.toMatchObject({
    code: "wait.timeout",
    message: "`hold` could not be resolved within 1m: it is on_hold.",
  });
});

test("leaves a hold of the same name in another workflow of the pipeline alone", async () => {
  const { service, resolve, answerHold, viewWorkflow } = start();
  answerHold("w", "canceled");
  service.answer("GET", "/pipeline/p/workflow", 200, {
    items: [{ ...viewWorkflow("other", "on_hold"), name: "deploy" }, viewWorkflow("w", "canceled")],
  });
  answerHold("w", "canceled");
  expect(await resolve()).toEqual({ end: "lost", hold: hold("w", "canceled") });
  service.assertAllUsed();
});
