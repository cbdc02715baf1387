import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openWire } from "../support/delivery.ts";
import type { Project } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";

/** A job that is cancelled, in every phase of its deploy. */

/** The host is asked to stop, and answers within seconds or not; the old release stays in either case. */
const saidBeforeTheStart =
  /nothing was begun|before anything changed|goes on by itself\. Unless it is still before `run-once` and the start, where it stops/;

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once

describe.runIf(canDeploy).concurrent("a deploy that is cancelled", { timeout }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite({});
    await Promise.all(["big", "bulky"].map((name) => site.upload(name, { size: 2 ** 21 })));
    await site.upload("broken", { does: "crashes" });
  }, 60_000);
  const host = () => site.hosts[0] ?? expect.fail("no host");

  async function cancelAt(project: Project, words: string, parameters = {}, way = {}) {
    const running = await project.start("new", parameters, way);
    await running.untilItSays(words);
    running.child.kill("SIGTERM");
    const { exitCode, errorCode, stderr } = await running.result;
    return { end: [exitCode, errorCode], stderr };
  }

  test("before the first connection touches no host", async () => {
    const project = await site.projectWithOld("early");
    const { end, stderr } = await cancelAt(project, "Image: ");
    expect(end).toEqual([6, "job.canceled"]);
    expect(stderr).toMatch(/^Error: This job was cancelled\.\n\S/);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test.for([
    ["while it connects", "Deploying to"],
    ["while it looks at what runs", "== Looking"],
    ["while it logs in", "== Logging in"],
  ])("%s leaves the old release, and says so", async ([name = "", words = ""]) => {
    const project = await site.projectWithOld(name.replaceAll(" ", "-"));
    const registryWire = await openWire({ to: site.registry });
    registryWire.hold(); // so that no phase is over before its cancel comes
    const { end, stderr } = await cancelAt(project, words, {}, { registryWire });
    registryWire.release();
    await project.untilUnlocked(60_000);
    expect(end).toEqual([6, "job.canceled"]);
    expect(stderr).toMatch(saidBeforeTheStart);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("while it pulls leaves the old release, and says so", async () => {
    const project = await site.projectWithOld("pulls");
    const registryWire = await openWire({ to: site.registry, holdAfter: 2 ** 19 });
    const running = await project.start("bulky", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    running.child.kill("SIGTERM");
    const { exitCode, stderr } = await running.result;
    registryWire.release();
    await project.untilUnlocked(60_000);
    expect(exitCode).toBe(6);
    expect(stderr).toMatch(saidBeforeTheStart);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test.for([
    ["while a migration runs", "== Running once", { "run-once": "web /bin/busybox sleep 3" }],
    ["while containers start", "== Starting", {}],
    ["while they get well", "== Waiting until", {}],
  ] as const)("%s goes on to the new release, and says so", async ([name, words, parameters]) => {
    const project = await site.projectWithOld(name.replaceAll(" ", "-"));
    const { end, stderr } = await cancelAt(project, words, parameters);
    await project.untilUnlocked(60_000);
    // The job stays for a few seconds more, in which a quick machine comes to its end.
    const isOver = end[0] === 0;
    expect(end).toEqual(isOver ? [0, null] : [6, "job.canceled"]);
    if (!isOver) expect(stderr).toContain("goes on by itself");
    expect(await project.remains()).toEqual({ runs: ["new"], traces: [] });
  });

  test("while it rolls back goes on to the old release, and says so", async () => {
    const project = await site.projectWithOld("rolls-back");
    const running = await project.start("broken");
    await running.untilItSays("== Restoring");
    running.child.kill("SIGTERM");
    const { exitCode, stderr } = await running.result;
    await project.untilUnlocked(60_000);
    expect([1, 6]).toContain(exitCode);
    expect(stderr).toMatch(/rolled back to old|goes on by itself/);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("while it waits for another's lock leaves that one alone", async () => {
    const project = await site.projectWithOld("waits");
    const registryWire = await openWire({ to: site.registry, holdAfter: 2 ** 19 });
    const first = await project.start("big", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const second = await project.start("new", {}, { env: { CIRCLE_WORKFLOW_ID: "another" } });
    await second.untilItSays("Waiting for the lock");
    second.child.kill("SIGTERM");
    const { exitCode, stderr } = await second.result;
    registryWire.release();
    expect([exitCode, (await first.result).exitCode]).toEqual([6, 0]);
    expect(stderr).toMatch(/nothing was begun/);
    expect(await project.remains()).toEqual({ runs: ["big"], traces: [] });
  });

  test("is done by a rerun of its workflow, though nobody had time to cancel it", async () => {
    const project = await site.projectWithOld("rerun");
    const running = await project.start("new");
    await running.untilItSays("== Starting");
    running.child.kill("SIGKILL");
    await running.result;
    const { exitCode } = await project.deploy("new");
    expect([exitCode, (await project.remains()).runs]).toEqual([0, ["new"]]);
    expect(host().read("~/.circleback/rerun/history.jsonl")).not.toMatch(/rolled-back|broken/);
  });
});
