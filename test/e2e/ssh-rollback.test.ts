import { chownSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openWire } from "../support/delivery.ts";
import type { Project } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";
import { leaveLock } from "../support/ssh/stale-lock.ts";

/** What goes wrong with a rollback: the release that runs goes on, or exactly the one that was asked for comes. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);

// One project for all, one test after the other: each begins with `new` running, and `old` before it.
describe.runIf(canDeploy)("a rollback", { timeout: 240_000 }, () => {
  let site: Site;
  let project: Project;
  beforeAll(async () => {
    site = await openSite({});
    await Promise.all([
      site.upload("slow", { does: "ends slowly" }),
      site.upload("broken", { does: "crashes" }),
    ]);
    project = await site.projectWithOld("shop");
    await project.deploy("new");
  }, 240_000);
  beforeEach(async () => {
    const { runs } = await project.remains();
    if (runs[0] !== "new") await project.rollBack({ to: "new" });
  }, 60_000);
  const host = () => site.hosts[0] ?? expect.fail("no host");
  const untouched = { runs: ["new"], traces: [] };
  const done = { runs: ["old"], traces: [] };

  const place = (...names: readonly string[]) => join(host().home, ".circleback/shop", ...names);
  const read = (...names: readonly string[]) =>
    host()
      .read(place(...names))
      .trim();
  const record = () =>
    read("history.jsonl")
      .split("\n")
      .map((line) => JSON.parse(line));

  test("goes back, and its record says who, when and what", async () => {
    const back = await project.rollBack({ "expect-current": site.images.get("new")?.digest ?? "" });
    expect([back.exitCode, await project.remains()]).toEqual([0, done]);
    const [, deployed, rolledBack] = record();
    const image = (name: string) => `${site.registry.address}/shop@${site.images.get(name)?.digest}`;
    const job = {
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      by: "ann",
      job: "https://circleci.com/gh/acme/shop/7",
      pipeline: "pipeline-1",
      workflow: expect.stringContaining("workflow of"),
      commit: "5f3d1c0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
      branch: "main",
      seconds: expect.any(Number),
      phase: "health",
      result: "deployed",
    };
    const { release, previous } = deployed;
    expect([deployed, rolledBack]).toEqual([
      { ...job, mode: "deploy", version: "new", image: image("new"), release, previous },
      { ...job, mode: "rollback", version: "old", image: image("old"), release: previous, previous: release },
    ]);
    expect(JSON.parse(project.job.read(".circleback/releases/rollback.json") ?? "")).toMatchObject({
      action: "rollback",
      version: "old",
      image: image("old"),
      digest: site.images.get("old")?.digest,
      hosts: [{ host: host().destination, result: "deployed", before: "new" }],
    });
  });

  test("of a host that is down fails, and changes nothing", async () => {
    const wire = await openWire({ to: host() });
    await wire.cut("refuse");
    const { exitCode, errorCode } = await project.rollBack({}, { wire });
    expect([exitCode, errorCode]).toEqual([4, "ssh.unreachable"]);
    expect(await project.remains()).toEqual(untouched);
  });

  test("is kept out by a lock, and says whose it is", async () => {
    leaveLock(project.lockOf(host()), 3600);
    const { exitCode, errorCode, stdout } = await project.rollBack({ "lock-wait": "1s" });
    const remains = await project.remains();
    rmSync(project.lockOf(host()), { recursive: true });
    expect([exitCode, errorCode]).toEqual([1, "lock.held"]);
    expect(stdout).toContain("The lock is held by bob (a job), until then at the latest.");
    expect(remains).toEqual({ ...untouched, traces: [`a lock on ${host().address}`] });
  });

  test("breaks a lock whose time is over", async () => {
    leaveLock(project.lockOf(host()), -10);
    const { exitCode, stdout } = await project.rollBack();
    expect([exitCode, stdout.includes("Broke the lock of bob (a job)")]).toEqual([0, true]);
    expect(await project.remains()).toEqual(done);
  });

  test.for(["old", `sha256:${"0".repeat(64)}`])(
    "is refused where %s is expected and not the current release",
    async (expected) => {
      const { exitCode, errorCode, stdout } = await project.rollBack({ "expect-current": expected });
      expect([exitCode, errorCode]).toEqual([1, "release.unexpected"]);
      expect(stdout).toMatch(/The current release is new \S+, and not /);
      expect(await project.remains()).toEqual(untouched);
    },
  );

  test("that does not get well is undone", async () => {
    const parameters = { "probe-url": "http://127.0.0.1:1/", "probe-timeout": "5s" };
    const before = read("current");
    const { exitCode, errorCode, stderr } = await project.rollBack(parameters);
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stderr).toContain("failed (probe), rolled back to new");
    expect([await project.remains(), read("current")]).toEqual([untouched, before]);
  });

  test("to an image that is neither on the host nor to be had changes nothing", async () => {
    const image = await site.upload("lost");
    await project.deploy("lost");
    await project.deploy("new");
    await host().engine?.docker(["image", "rm", image.id, "--force"]);
    const { exitCode, errorCode, stderr } = await project.rollBack({ to: "lost" });
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stderr).toContain("failed (pull) before anything changed, new stays as it is");
    expect(await project.remains()).toEqual(untouched);
  });

  test("to a release that there is not names those that there are", async () => {
    const { exitCode, errorCode, stdout } = await project.rollBack({ to: "0.0.7" });
    expect([exitCode, errorCode]).toEqual([5, "release.not-found"]);
    expect(stdout).toMatch(/There is no release 0\.0\.7\. There are:\n {2}old \S+\n {2}new \S+\n/);
    expect(await project.remains()).toEqual(untouched);
  });

  test("without a record of what is current needs a name, and then goes there", async () => {
    rmSync(place("current"));
    const nameless = await project.rollBack();
    expect([nameless.exitCode, nameless.errorCode]).toEqual([5, "release.not-found"]);
    expect(await project.remains()).toEqual(untouched);
    const named = await project.rollBack({ to: "old" });
    expect([named.exitCode, await project.remains()]).toEqual([0, done]);
  });

  test("without any record changes nothing", async () => {
    renameSync(place("releases"), place("elsewhere"));
    const { exitCode, errorCode } = await project.rollBack({ to: "old" });
    rmdirSync(place("releases"));
    renameSync(place("elsewhere"), place("releases"));
    expect([exitCode, errorCode]).toEqual([5, "release.not-found"]);
    expect(await project.remains()).toEqual(untouched);
  });

  test.for([
    ["compose.yml", "services: {", "compose.invalid"],
    ["home", "", "release.not-found"],
    ["env", null, "release.not-found"],
  ] as const)("to a release whose %s is damaged changes nothing", async ([file, text, code]) => {
    const path = place("releases", record()[0].release, file);
    const whole = host().read(path);
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
    const { errorCode, stderr } = await project.rollBack({ to: "old" });
    writeFileSync(path, whole);
    chownSync(path, statSync(place()).uid, statSync(place()).gid);
    expect(errorCode).toBe(code);
    expect(stderr).toContain("before anything changed, new stays as it is");
    expect(await project.remains()).toEqual(untouched);
  });

  test("of a deploy on a release whose record is damaged keeps what ran", async () => {
    const [current, elsewhere] = [place("releases", read("current")), place("elsewhere")];
    renameSync(current, elsewhere);
    const { exitCode, stdout, stderr } = await project.deploy("broken");
    renameSync(elsewhere, current);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("What is kept of the current release is damaged");
    expect(stderr).toContain("rolled back to what ran before");
    expect(await project.remains()).toEqual(untouched);
  });

  test("that is cancelled before the first connection touches no host", async () => {
    const running = await project.startRollBack();
    await running.untilItSays("Hosts: ");
    running.child.kill("SIGTERM");
    const { exitCode, errorCode } = await running.result;
    expect([exitCode, errorCode]).toEqual([6, "job.canceled"]);
    expect(await project.remains()).toEqual(untouched);
  });

  test.for([
    ["looks at what runs", "== Looking"],
    ["checks the Compose file", "== Checking"],
    ["starts containers", "== Starting"],
    ["waits until they are well", "== Waiting until"],
  ])(
    "that is cancelled while it %s ends with one release or the other, and says so",
    async ([, words = ""]) => {
      const running = await project.startRollBack({ to: "old" });
      await running.untilItSays(words);
      running.child.kill("SIGTERM");
      const { exitCode, errorCode, stderr } = await running.result;
      await project.untilUnlocked(60_000);
      const { runs, traces } = await project.remains();
      const isOver = exitCode === 0;
      expect([exitCode, errorCode, traces]).toEqual(isOver ? [0, null, []] : [6, "job.canceled", []]);
      if (/nothing was begun|before anything changed/.test(stderr)) expect(runs).toEqual(["new"]);
      else if (isOver || /== (Starting|Waiting)/.test(words)) expect(runs).toEqual(["old"]);
      else expect(["old", "new"]).toContain(runs[0]);
      if (!isOver) expect(stderr).toMatch(/nothing was begun|before anything changed|goes on by itself/);
    },
  );

  test("whose connection is cut in the middle of the start comes to its end", async () => {
    await project.deploy("slow");
    const wire = await openWire({ to: host() });
    const running = await project.startRollBack({}, { wire });
    await running.untilItSays("== Starting");
    await wire.cut();
    const { exitCode, stdout } = await running.result;
    expect([exitCode, /connection is lost/i.test(stdout)]).toEqual([0, true]);
    expect(await project.remains()).toEqual(untouched);
  });

  test("on a host whose engine is down fails before anything is begun", async () => {
    await host().engine?.shutDown();
    const { exitCode, errorCode, stderr } = await project.rollBack();
    await host().engine?.startUp();
    expect([exitCode, errorCode]).toEqual([4, "docker.unreachable"]);
    expect(stderr).toContain("nothing was begun");
    expect((await project.remains()).traces).toEqual([]);
  });
});
