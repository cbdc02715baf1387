import { describe, expect, test } from "vitest";
import { identifyUser } from "../../../src/simulator/api/users.ts";
import type { Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import type { Fault } from "../../../src/simulator/scenario/scenario.ts";
import { lib, makeSweepWorld, ticketOf } from "../../support/sweep-world.ts";
import { app, makeFault, secret } from "../api/world.ts";

/** A cancelled parent whose job `trigger` has left a receipt that asks to cancel the child. */
function startWithOrphan(child: Partial<Pipeline> = {}, receipt: object = {}, faults: readonly Fault[] = []) {
  const world = makeSweepWorld(faults);
  const pipeline = world.add(app, "canceled");
  const carried = { "parameters.circleback": ticketOf(pipeline) };
  const orphan = world.add(lib, "running", { values: carried, ...child });
  const workflow = firstRun(pipeline);
  const trigger = world.addBuild(workflow, "trigger");
  world.leaveReceipt(trigger, orphan, { cancelChild: true, ...receipt });
  const statusOfChild = () => firstRun(orphan).status;
  return { world, pipeline, trigger, orphan, statusOfChild };
}

function firstRun({ workflows }: Pipeline): Workflow {
  const [run] = workflows;
  if (run === undefined) throw new Error("no workflow");
  return run;
}

const summary = (requests: number, orphans: string) =>
  `Looked at 1 pipeline of 1 project with ${requests} requests: 0 holds approved, 0 cancelled, 0 left; ${orphans} cancelled.`;

test("the child of a cancelled parent is cancelled where its receipt says so", async () => {
  const { world, orphan, statusOfChild } = startWithOrphan();
  world.addRun(orphan, "on_hold", { name: "deploy" });
  const { exit, lines } = await world.run();
  expect([exit, statusOfChild(), orphan.workflows[1]?.status, lines]).toEqual([
    0,
    "canceled",
    "canceled",
    [
      "gh/acme/app #1, release: gh/acme/lib #1 is being cancelled: its parent was cancelled, and `cancel-child` is set. https://child",
      "Cancelled the workflow deploy of gh/acme/lib #1.",
      "Cancelled the workflow integration of gh/acme/lib #1.",
      summary(13, "1 child"),
    ],
  ]);
});

test("also where the parent waited for it in its step, or the answer to the trigger was lost", async () => {
  const polling = startWithOrphan({}, { hold: "" });
  const lost = startWithOrphan({}, { pipeline: null });
  await polling.world.run();
  await lost.world.run();
  expect([polling.statusOfChild(), lost.statusOfChild()]).toEqual(["canceled", "canceled"]);
});

test("one in a project that the token cannot see is reported, and the end is red", async () => {
  const world = makeSweepWorld();
  const trigger = world.addBuild(firstRun(world.add(app, "canceled")), "trigger");
  const child = world.add(secret, "running");
  world.leaveReceipt(trigger, child, { cancelChild: true, project: "gh/other/secret" });
  const { exit, lines } = await world.run();
  expect([exit, firstRun(child).status, lines[0], lines[2]]).toEqual([
    5,
    "running",
    "Warning: gh/acme/app #1, release: gh/other/secret #1 is in a project that cannot be seen, so it cannot be cancelled.",
    "Error: Not everything could be swept: gh/other/secret #1, child of gh/acme/app #1, release. (circleci.not-found)",
  ]);
});

test("a dry run only says it", async () => {
  const { world, statusOfChild } = startWithOrphan();
  const { lines } = await world.run({ "dry-run": "1" });
  expect([statusOfChild(), lines[1], lines[2]]).toEqual([
    "running",
    "gh/acme/app #1, release: gh/acme/lib #1 would be cancelled: its parent was cancelled, and `cancel-child` is set. https://child",
    "Looked at 1 pipeline of 1 project with 10 requests: 0 holds to be approved, 0 to be cancelled, 0 left; 1 child to be cancelled.",
  ]);
});

test.each(["success", "failed", "canceled"] as const)(
  "one that has ended (%s) is passed over",
  async (status) => {
    const { world, orphan } = startWithOrphan();
    firstRun(orphan).status = status;
    expect((await world.run()).lines).toEqual([summary(7, "0 children")]);
  },
);

test("no child is cancelled without `cancel-child`, nor that of a parent that failed", async () => {
  const unasked = startWithOrphan({}, { cancelChild: false });
  const failed = startWithOrphan();
  firstRun(failed.pipeline).status = "failed";
  const lines = [...(await unasked.world.run()).lines, ...(await failed.world.run()).lines];
  expect([unasked.statusOfChild(), failed.statusOfChild(), lines]).toEqual([
    "running",
    "running",
    [summary(6, "0 children"), summary(2, "0 children")],
  ]);
});

test.each(["on_hold", "running", "failing"] as const)(
  "a child that a rerun (%s) has taken up goes on",
  async (status) => {
    const { world, pipeline, orphan, statusOfChild } = startWithOrphan();
    const rerun = world.addRun(pipeline, status);
    world.leaveReceipt(world.addBuild(rerun, "trigger"), orphan, { cancelChild: true });
    const { lines } = await world.run();
    expect([statusOfChild(), lines[0]]).toEqual([
      "running",
      "gh/acme/app #1, release: gh/acme/lib #1 is left running, although its parent was cancelled: another run of the same workflow waits for it.",
    ]);
  },
);

test.each(["blocked", "queued", "running"] as const)(
  "a child that a rerun's job (%s) may be about to take up goes on",
  async (status) => {
    const { world, pipeline, statusOfChild } = startWithOrphan();
    world.addBuild(world.addRun(pipeline, "running"), "trigger", { status, number: null });
    const { lines } = await world.run();
    expect([statusOfChild(), lines[0]]).toEqual([
      "running",
      "gh/acme/app #1, release: gh/acme/lib #1 is left running, although its parent was cancelled: a rerun that may take it up is under way.",
    ]);
  },
);

describe("a child goes on where the receipt of a rerun that is under way", () => {
  const left =
    "gh/acme/app #1, release: gh/acme/lib #1 is left running, although its parent was cancelled: another run of the same workflow may wait for it, by a receipt that cannot be read.";

  test("is not listed", async () => {
    const { world, pipeline, statusOfChild } = startWithOrphan();
    world.addBuild(world.addRun(pipeline, "on_hold"), "trigger");
    const { exit, lines } = await world.run();
    expect([exit, statusOfChild(), lines[0]]).toEqual([0, "running", left]);
  });

  test.each([
    ["is cut off", "{"],
    ["is of another version", { version: 2 }],
  ])("%s", async (_, content) => {
    const { world, pipeline, statusOfChild } = startWithOrphan();
    const rerun = world.addBuild(world.addRun(pipeline, "on_hold"), "trigger");
    world.leave(rerun, "circleback/child.json", content);
    const { exit, lines } = await world.run();
    expect([exit, statusOfChild(), lines[1]]).toEqual([0, "running", left]);
  });

  test("is not handed out, and the sweep fails", async () => {
    const { world, pipeline, statusOfChild } = startWithOrphan({}, {}, [
      makeFault("GET", "/output/job/*/artifacts/0/circleback/again.json", { status: 404 }),
    ]);
    const rerun = world.addBuild(world.addRun(pipeline, "on_hold"), "trigger");
    world.leave(rerun, "circleback/again.json", "nobody can read this");
    const { exit, lines } = await world.run();
    expect([exit, statusOfChild(), lines[0]]).toEqual([
      4,
      "running",
      expect.stringMatching(
        /^Warning: trigger of gh\/acme\/app #1, release: circleback\/again\.json of trigger \(gh\/acme\/app\) cannot be read \(.*\), so nothing is decided by it\.$/,
      ),
    ]);
  });
});

test("a rerun that has a child of its own, or has ended, is no reason to go on", async () => {
  const { world, pipeline, statusOfChild } = startWithOrphan();
  const other = world.add(lib, "running");
  world.leaveReceipt(world.addBuild(world.addRun(pipeline, "on_hold"), "trigger"), other);
  world.addBuild(world.addRun(pipeline, "success"), "trigger");
  await world.run();
  expect([statusOfChild(), firstRun(other).status]).toEqual(["canceled", "running"]);
});

test("a pipeline that does not carry the receipt's ticket is nobody's child", async () => {
  const foreign = startWithOrphan({ values: { "parameters.circleback": "cb1.other" } });
  const mute = startWithOrphan({}, { ticket: "" });
  const part = startWithOrphan({}, { ticket: "cb1" });
  const lines = [
    ...(await foreign.world.run()).lines,
    ...(await mute.world.run()).lines,
    ...(await part.world.run()).lines,
  ];
  const sentence =
    "gh/acme/app #1, release: gh/acme/lib #1 is left running, although its parent was cancelled";
  const states = [foreign, mute, part].map(({ statusOfChild }) => statusOfChild());
  expect([states, lines[0], lines[2], lines[4]]).toEqual([
    ["running", "running", "running"],
    `${sentence}: it does not carry the ticket that the receipt tells of.`,
    `${sentence}: its receipt tells of no ticket (\`ticket-parameter\` is empty), so nothing proves it.`,
    `${sentence}: the ticket that its receipt tells of is not this parent's.`,
  ]);
});

test("a child of another parent goes on, though a receipt of the cancelled one names it with its ticket", async () => {
  const world = makeSweepWorld();
  const other = world.add(app, "on_hold");
  const wanted = world.add(lib, "running", { values: { "parameters.circleback": ticketOf(other) } });
  const pipeline = world.add(app, "canceled");
  const receipt = { cancelChild: true, ticket: ticketOf(other) };
  world.leaveReceipt(world.addBuild(firstRun(pipeline), "trigger"), wanted, receipt);
  const { lines } = await world.run();
  expect([firstRun(wanted).status, lines[0]]).toEqual([
    "running",
    "gh/acme/app #2, release: gh/acme/lib #1 is left running, although its parent was cancelled: the ticket that its receipt tells of is not this parent's.",
  ]);
});

test("where it cannot be told which pipeline is the child, that is said", async () => {
  const eve = { type: "api", actor: identifyUser("eve"), receivedAt: 0 } as const;
  const copied = startWithOrphan({ trigger: eve }, { pipeline: null });
  const mute = startWithOrphan({}, { pipeline: null, ticket: "" });
  const lines = [...(await copied.world.run()).lines, ...(await mute.world.run()).lines];
  const it = "Warning: gh/acme/app #1, release: the pipeline of gh/acme/lib that it asked for";
  expect([copied.statusOfChild(), mute.statusOfChild(), lines[0], lines[2]]).toEqual([
    "running",
    "running",
    `${it} cannot be told: #1 carries its ticket, but was triggered by eve, not by release-bot, so it cannot be cancelled.`,
    `${it} cannot be found, since it got no ticket, so it cannot be cancelled.`,
  ]);
});

test("a workflow of another name is no rerun of the parent, whatever its jobs are called", async () => {
  const { world, pipeline, statusOfChild } = startWithOrphan();
  const nightly = world.addRun(pipeline, "running", { name: "nightly" });
  world.addBuild(nightly, "trigger", { status: "running" });
  await world.run();
  expect(statusOfChild()).toBe("canceled");
});
