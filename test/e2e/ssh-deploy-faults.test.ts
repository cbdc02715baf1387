import { beforeAll, describe, expect, test, vi } from "vitest";
import { hasRegistry, hasSshHosts, openEcr, openWire } from "../support/delivery.ts";
import { userCredentials } from "../support/ecr-model/ecr-model.ts";
import { uploadReleaseImage } from "../support/ssh/release-image.ts";
import { openSite, type Site } from "../support/ssh/site.ts";
import { leaveLock } from "../support/ssh/stale-lock.ts";

/** What goes wrong on the host, in the registry, and between two deploys. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once

let site: Site;
beforeAll(async () => {
  if (!canDeploy) return;
  site = await openSite({});
  // One for each pull that is held up: an engine pulls a layer once for all who want it, on the first one's wire.
  const big = ["big", "bulky", "large"].map((name) => site.upload(name, { size: 2 ** 21 }));
  await Promise.all([...big, site.upload("newer")]);
}, 60_000);
const host = () => site.hosts[0] ?? expect.fail("no host");
const holdingWire = () => openWire({ to: site.registry, holdAfter: 2 ** 19 });
const another = { CIRCLE_WORKFLOW_ID: "another", CIRCLE_USERNAME: "bob" };

describe.runIf(canDeploy).concurrent("a deploy to a host", { timeout }, () => {
  test("whose engine is down fails before anything is begun", async () => {
    const there = await openSite({ engine: false });
    const project = there.project("no-engine");
    const { exitCode, errorCode, stderr } = await project.deploy("new");
    expect([exitCode, errorCode]).toEqual([4, "docker.unreachable"]);
    expect(stderr).toContain("nothing was begun");
    expect(await project.remains()).toEqual({ runs: ["nothing"], traces: [] });
  });

  test("that has no Compose fails before anything is begun", async () => {
    const there = await openSite({ compose: "none", engine: false });
    const project = there.project("no-compose");
    const { exitCode, errorCode, stdout } = await project.deploy("new");
    expect([exitCode, errorCode]).toEqual([2, "host.unfit"]);
    expect(stdout).toContain("neither docker compose nor docker-compose");
    expect(await project.remains()).toEqual({ runs: ["nothing"], traces: [] });
  });

  test("whose disk is full keeps the old release", async () => {
    const there = await openSite({ disk: 48 });
    await there.upload("huge", { size: 40 * 2 ** 20 });
    const project = await there.projectWithOld("full");
    const { exitCode, errorCode, stdout, stderr } = await project.deploy("huge");
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stdout).toContain("no space left on device");
    expect(stderr).toContain("failed (pull) before anything changed, old stays as it is");
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("whose registry falls silent is given up when the time is over", async () => {
    const project = await site.projectWithOld("silent");
    const registryWire = await holdingWire();
    const { exitCode, stdout, stderr } = await project.deploy("large", { timeout: "20s" }, { registryWire });
    expect(exitCode).toBe(1);
    expect(stdout).toContain("Out of time.");
    expect(stderr).toMatch(/failed \(\w+\) before anything changed, old stays as it is/);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("that is switched off in the middle is finished by the next run of the same workflow", async () => {
    const there = await openSite({});
    await there.upload("big", { size: 2 ** 21 });
    const project = await there.projectWithOld("off");
    const registryWire = await openWire({ to: there.registry, holdAfter: 2 ** 19 });
    const running = await project.start("big", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const [machine] = there.hosts;
    await machine?.shutDown();
    registryWire.release();
    await machine?.startUp();
    const lost = await running.result;
    expect([lost.exitCode, lost.errorCode]).toEqual([1, "deploy.unknown"]);
    expect((await project.remains()).runs).toEqual(["old"]);
    const held = await project.deploy("new", { "lock-wait": "1s" }, { env: another });
    expect([held.exitCode, held.errorCode]).toEqual([1, "lock.held"]);
    const { exitCode } = await project.deploy("big");
    expect([exitCode, await project.remains()]).toEqual([0, { runs: ["big"], traces: [] }]);
  });
});

describe.runIf(canDeploy).concurrent("ECR", { timeout }, () => {
  const aws = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
  };

  test("gives a login that the host has for the pull alone", async () => {
    const { model, registry } = await openEcr({ repositories: { shop: {} } });
    const { digest } = await uploadReleaseImage({ registry, repository: "shop", version: "1" });
    const project = site.project("ecr");
    const { exitCode, stdout, stderr } = await project.deploy(
      "new",
      { image: `${model.registryAddress}/shop@${digest}`, "registry-login": "ecr" },
      { env: { ...aws, AWS_ENDPOINT_URL: model.url } },
    );
    const login = Buffer.from(`AWS:${model.issuedPasswords[0]}`).toString("base64");
    const left = host()
      .files()
      .filter((file) => file.includes("/ecr/") && host().read(file).includes(login));
    expect([exitCode, model.calls, left]).toEqual([0, ["GetAuthorizationToken 200"], []]);
    for (const text of [stdout, stderr, host().commandLines()]) {
      expect(text.includes(model.issuedPasswords[0] ?? "none")).toBe(false);
    }
  });

  test("refuses a token that expires between login and pull, and the old release stays", async () => {
    const { model, registry } = await openEcr({ repositories: { shop: {} } });
    const { digest } = await uploadReleaseImage({ registry, repository: "shop", version: "1" });
    const project = await site.projectWithOld("expires");
    const running = await project.start(
      "new",
      { image: `${model.registryAddress}/shop@${digest}`, "registry-login": "ecr" },
      { env: { ...aws, AWS_ENDPOINT_URL: model.url } },
    );
    await vi.waitUntil(() => model.registryCalls.includes("GET /v2/ 200"), { timeout: 120_000, interval: 5 });
    model.expireTokens(); // Compose has yet to start
    const { exitCode, errorCode, stdout, stderr } = await running.result;
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stdout).toContain("Your authorization token has expired");
    expect(stderr).toContain("failed (pull) before anything changed, old stays as it is");
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("refuses a token that has expired on the way, and the old release stays", async () => {
    const { model, registry } = await openEcr({ repositories: { shop: {} }, tokenLifetime: 1 });
    const { digest } = await uploadReleaseImage({ registry, repository: "shop", version: "1" });
    const project = await site.projectWithOld("expired");
    const { exitCode, errorCode, stdout, stderr } = await project.deploy(
      "new",
      { image: `${model.registryAddress}/shop@${digest}`, "registry-login": "ecr" },
      { env: { ...aws, AWS_ENDPOINT_URL: model.url } },
    );
    expect([exitCode, errorCode]).toEqual([3, "registry.unauthorized"]);
    expect(stdout).toContain("failed with status: 403 Forbidden");
    expect(stderr).toContain("before anything changed, old stays as it is");
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });
});

describe.runIf(canDeploy).concurrent("the lock", { timeout }, () => {
  test("of another workflow keeps a deploy out, which says whose it is", async () => {
    const project = await site.projectWithOld("held");
    const registryWire = await holdingWire();
    const first = await project.start("big", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const { exitCode, errorCode, stdout, stderr } = await project.deploy(
      "new",
      { "lock-wait": "1s" },
      { env: another },
    );
    expect([exitCode, errorCode]).toEqual([1, "lock.held"]);
    expect(`${stdout}${stderr}`).toContain("held by ann (https://circleci.com/gh/acme/shop/7), until ");
    registryWire.release();
    expect([(await first.result).exitCode, await project.remains()]).toEqual([
      0,
      { runs: ["big"], traces: [] },
    ]);
  });

  test("lets two deploys at once through one after the other, also where a connection breaks meanwhile", async () => {
    const project = await site.projectWithOld("twice");
    const [wire, registryWire] = await Promise.all([openWire({ to: host() }), holdingWire()]);
    const first = await project.start("bulky", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const second = await project.start("newer", {}, { wire, env: another });
    await second.untilItSays("Waiting for the lock, which is held by ann");
    const isAnew = second.untilItSays("Nothing was begun there: starting again.");
    await wire.cut();
    await isAnew;
    registryWire.release();
    expect([(await first.result).exitCode, (await second.result).exitCode]).toEqual([0, 0]);
    expect(await project.remains()).toEqual({ runs: ["newer"], traces: [] });
  });

  test("is taken from nobody twice, whoever comes at the same moment", async () => {
    const project = await site.projectWithOld("race");
    const images = ["new", "newer", "new"];
    const results = await Promise.all(
      images.map((image, place) =>
        project
          .start(image, {}, { env: { CIRCLE_WORKFLOW_ID: `workflow ${place}` } })
          .then(({ result }) => result),
      ),
    );
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    const { runs, traces } = await project.remains();
    expect([["new", "newer"].includes(String(runs[0])), traces]).toEqual([true, []]);
    const history = host().read("~/.circleback/race/history.jsonl").trim().split("\n");
    expect(history.map((line) => JSON.parse(line).result)).toEqual(Array(4).fill("deployed"));
  });

  test.for([
    ["is broken when its time is over", -10, 0],
    ["is not broken before", 3600, 1],
  ] as const)("%s", async ([, age, exitCode]) => {
    const project = await site.projectWithOld(`stale${exitCode}`);
    leaveLock(project.lockOf(host()), age);
    const result = await project.deploy("new", { "lock-wait": "1s" });
    const words = { 0: "Broke the lock of bob (a job)", 1: "held by bob (a job), until then" }[exitCode];
    expect([result.exitCode, result.errorCode]).toEqual([exitCode, exitCode === 0 ? null : "lock.held"]);
    expect(`${result.stdout}${result.stderr}`).toContain(words);
    expect(await project.remains()).toEqual(
      exitCode === 0
        ? { runs: ["new"], traces: [] }
        : { runs: ["old"], traces: [`a lock on ${host().address}`] },
    );
  });
});
