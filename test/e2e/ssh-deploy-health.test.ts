import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts } from "../support/delivery.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { composeText } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";
import { addScript } from "../support/toolbox.ts";

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

  test("of which one container has done its work and ended is well, and one that failed at it is not", async () => {
    const setup = (command: string) =>
      composeText().concat(
        `  setup: { image: "\${IMAGE}", network_mode: none, command: [/bin/sh, -c, "${command}"] }\n`,
      );
    await site.projectWithOld("one-shot", { compose: setup("echo ready") });
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    const all = () => composedContainers(engine, "one-shot");
    const [id, ready] = [site.images.get("old")?.id, await all()];
    expect(ready).toEqual([`setup ${id} exited`, `web ${id} running`, `worker ${id} running`]);
    const failing = site.project("one-shot", { compose: setup("echo no table; exit 4") });
    const { exitCode, stdout, stderr } = await failing.deploy("new");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/setup has ended with exit code 4\.[\s\S]*no table/);
    expect(stderr).toContain("failed (health), rolled back to old");
    expect((await all()).filter((line) => line.endsWith("running"))).toEqual(ready.slice(1));
    expect((await failing.remains()).traces).toEqual([]);
  });

  test("is told to CircleCI with its beginning and its end", async () => {
    const project = site.project("markers");
    addScript(project.job.tools, "circleci", 'echo "$*" >>circleci-calls');
    const told = async (deploying: Promise<unknown>) => {
      await deploying;
      const calls = project.job.read("circleci-calls")?.trim().split("\n");
      rmSync(join(project.job.directory, "circleci-calls"));
      return calls;
    };
    const begun = (version: string) => [
      `run release plan deploy --environment-name=main --component-name=markers --target-version=${version}`,
      "run release update deploy --status=RUNNING",
    ];
    const end = "run release update deploy --status=";
    expect(await told(project.deploy("new"))).toEqual([...begun("new"), `${end}SUCCESS`]);
    expect(await told(project.deploy("broken"))).toEqual([
      ...begun("broken"),
      `${end}FAILED --failure-reason=${site.hosts[0]?.destination}: failed (health), rolled back to new.`,
    ]);
    expect(await told(project.deploy("new", {}, { env: { DEPLOY_SSH_KEY: "no key" } }))).toEqual([
      ...begun("new"),
      expect.stringMatching(/--status=FAILED --failure-reason=.*holds no private key/),
    ]);
    const running = await project.start("new");
    await running.untilItSays("Deploying to");
    running.child.kill("SIGTERM");
    const calls = await told(running.result);
    await project.untilUnlocked(60_000);
    expect(calls).toEqual([...begun("new"), expect.stringMatching(/--status=(CANCELED|SUCCESS)$/)]);
    expect(await project.remains()).toEqual({ runs: ["new"], traces: [] });
  });

  test("leaves so many releases with their images on the host", async () => {
    const project = site.project("kept");
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    const versions = ["kept-1", "kept-2", "kept-3"];
    const ids: string[] = [];
    for (const version of versions) {
      ids.push((await site.upload(version)).id);
      const { exitCode } = await project.deploy(version, { keep: "2", "run-once": "web /bin/sh -c true" });
      expect(exitCode).toBe(0);
    }
    const images = await engine.docker(["image", "ls", "--no-trunc", "--quiet"]);
    expect(ids.map((id) => images.includes(id))).toEqual([false, true, true]);
    expect((await project.rollBack({ to: "kept-1" })).errorCode).toBe("release.not-found");
    expect((await project.rollBack({ to: "kept-2" })).exitCode).toBe(0);
    expect(await project.remains()).toEqual({ runs: ["kept-2"], traces: [] });
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
        "failed (pull) before anything changed, old stays as it is",
        "huge is running",
        "not started",
      ],
    ]);
    expect(table.map(([name]) => name)).toEqual(site.hosts.map(({ destination }) => destination));
    expect(await project.remains()).toEqual({ runs: ["huge", "huge", "old", "huge", "old"], traces: [] });
  },
  timeout,
);
