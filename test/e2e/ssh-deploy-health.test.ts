import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts } from "../support/delivery.ts";
import { composeText } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";

/** Releases that start and do not get well, and what becomes of the hosts after the one that fails. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once

describe.runIf(canDeploy).concurrent("a release", { timeout }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite({});
    await site.upload("broken", { does: "crashes" });
  }, 60_000);
  const wellAfter = { runs: ["old"], traces: [] };

  test("whose containers restart for ever is rolled back, with their last words", async () => {
    const project = await site.projectWithOld("restarts");
    const { exitCode, errorCode, stdout, stderr } = await project.deploy("broken");
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stdout).toContain("no database at db:5432");
    expect(stderr).toContain("failed (health), rolled back to old");
    expect(await project.remains()).toEqual(wellAfter);
  });

  test("that is the first of its project and does not get well is taken down", async () => {
    const project = site.project("first");
    const { exitCode, stderr } = await project.deploy("broken");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("there was nothing before it, so it was taken down again");
    expect(await project.remains()).toEqual({ runs: ["nothing"], traces: [] });
  });

  test("whose health check never settles is rolled back when the time is over", async () => {
    const check = `healthcheck: { test: ["CMD", "/bin/sh", "-c", "grep -q old /www/version"], interval: 1s, start_period: 1h }`;
    const project = await site.projectWithOld("unsettled", { compose: composeText(check) });
    const { exitCode, errorCode, stdout, stderr } = await project.deploy("new", { "probe-timeout": "5s" });
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stdout).toContain("web is starting.");
    expect(stderr).toContain("failed (health), rolled back to old");
    expect(await project.remains()).toEqual(wellAfter);
  });

  test("that is unhealthy is rolled back at once", async () => {
    const check = `healthcheck: { test: ["CMD", "/bin/sh", "-c", "grep old /www/version"], interval: 1s, retries: 2 }`;
    const project = await site.projectWithOld("unhealthy", { compose: composeText(check) });
    const { exitCode, stdout, stderr } = await project.deploy("new");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/(web|worker) is unhealthy\./);
    expect(stderr).toContain("failed (health), rolled back to old");
    expect(await project.remains()).toEqual(wellAfter);
  });

  test("whose URL does not answer is rolled back", async () => {
    const project = await site.projectWithOld("mute");
    const parameters = { "probe-url": "http://127.0.0.1:1/version", "probe-timeout": "5s" };
    const { exitCode, stdout, stderr } = await project.deploy("new", parameters);
    expect(exitCode).toBe(1);
    expect(stdout).toContain("http://127.0.0.1:1/version does not answer");
    expect(stderr).toContain("failed (probe), rolled back to old");
    expect(await project.remains()).toEqual(wellAfter);
  });

  test("whose migration fails is not started", async () => {
    const project = await site.projectWithOld("migration");
    const { exitCode, stdout, stderr } = await project.deploy("new", {
      "run-once": "web /bin/sh /no/such/file",
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("/no/such/file");
    expect(stderr).toContain("failed (run-once), rolled back to old");
    expect(await project.remains()).toEqual(wellAfter);
  });

  test("without health checks is well once it keeps running", async () => {
    const project = await site.projectWithOld("unchecked", { compose: composeText("labels: {}") });
    const broken = await project.deploy("broken");
    expect([broken.exitCode, (await project.remains()).runs]).toEqual([1, ["old"]]);
    const { exitCode } = await project.deploy("new");
    expect([exitCode, await project.remains()]).toEqual([0, { runs: ["new"], traces: [] }]);
  });
});

test.runIf(canDeploy)(
  "one host of five that fails keeps its old release, and the hosts after it theirs",
  async () => {
    const site = await openSite({}, {}, { disk: 48 }, {}, {});
    await site.upload("huge", { size: 30 * 2 ** 20 });
    const project = await site.projectWithOld("five");
    const { exitCode, errorCode, stdout } = await project.deploy("huge", { batch: "2" });
    const table = stdout
      .split("\n")
      .slice(-6, -1)
      .map((line) => line.trim().split(/\s{2,}/));
    expect([exitCode, errorCode, table.map(([, words]) => words)]).toEqual([
      1,
      "deploy.failed",
      [
        "huge is running",
        "huge is running",
        "failed (pull) before anything changed, old still runs",
        "huge is running",
        "not started",
      ],
    ]);
    expect(table.map(([name]) => name)).toEqual(site.hosts.map(({ destination }) => destination));
    expect(await project.remains()).toEqual({ runs: ["huge", "huge", "old", "huge", "old"], traces: [] });
  },
);
