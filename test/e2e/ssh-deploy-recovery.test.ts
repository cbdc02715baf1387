import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openWire } from "../support/delivery.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { composeText } from "../support/ssh/project.ts";
import { openSite } from "../support/ssh/site.ts";

/** A deploy that is hit where it hurts most, and what the next one makes of what it finds. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000;

describe.runIf(canDeploy).concurrent("a deploy", { timeout }, () => {
  test("on a host that was switched off in the middle of the start can still go back to what ran before", async () => {
    const site = await openSite({});
    await site.upload("slow", { does: "ends slowly" });
    await site.upload("broken", { does: "crashes" });
    const project = site.project("off");
    await project.deploy("slow");
    const running = await project.start("new");
    await running.untilItSays("== Starting");
    const [machine] = site.hosts;
    await machine?.shutDown();
    await machine?.startUp();
    const { exitCode, errorCode } = await running.result;
    expect([exitCode, errorCode]).toEqual([1, "deploy.unknown"]);
    const next = await project.deploy("broken");
    expect(next.exitCode).toBe(1);
    expect(next.stderr).toContain("rolled back to slow");
    expect((await project.remains()).runs).toEqual(["slow"]);
    const last = await project.deploy("new");
    expect([last.exitCode, (await project.remains()).runs]).toEqual([0, ["new"]]);
  });

  test.for([
    ["== Pulling", "new"],
    ["== Starting", "new"],
    ["== Starting", "broken"],
  ] as const)(
    "whose host has no byte left from %s of a %s release on leaves the old or the new one, and says which",
    async ([words, image]) => {
      const site = await openSite({ homeDisk: 4 });
      await site.upload("broken", { does: "crashes" });
      const project = await site.projectWithOld("full");
      const running = await project.start(image, { timeout: "1m" });
      await running.untilItSays(words);
      site.hosts[0]?.fillHome();
      const { exitCode, stdout, stderr } = await running.result;
      const { runs, traces } = await project.remains();
      const said = /(new|broken) is running/.test(stdout)
        ? "new"
        : /old stays as it is|rolled back to old/.test(stderr)
          ? "old"
          : "?";
      expect([runs, said, exitCode, traces]).toEqual([[said], said, said === "new" ? 0 : 1, []]);
      rmSync(join(site.hosts[0]?.home ?? "", "ballast"));
      const next = await project.deploy("broken");
      expect(next.stderr).toContain(`rolled back to ${said}`);
      expect((await project.remains()).runs).toEqual([said]);
    },
  );

  test("whose engine is restarted in the middle of the start leaves the old or the new release, and says which", async () => {
    const site = await openSite({});
    await site.upload("slow", { does: "ends slowly" });
    const project = site.project("restart");
    await project.deploy("slow");
    const running = await project.start("new");
    await running.untilItSays("== Starting");
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    await engine.shutDown();
    await engine.startUp();
    const { exitCode, errorCode, stdout, stderr } = await running.result;
    const { runs, traces } = await project.remains();
    const said = stdout.includes("new is running") ? "new" : /rolled back to (\w+)/.exec(stderr)?.[1];
    expect([runs, traces]).toEqual([[said], []]);
    expect([exitCode, errorCode]).toEqual(said === "new" ? [0, null] : [1, "deploy.failed"]);
    const next = await project.deploy("new");
    expect([next.exitCode, await project.remains()]).toEqual([0, { runs: ["new"], traces: [] }]);
  });

  test("whose engine is stopped in the middle of the pull changes nothing, and does not say that the old release runs", async () => {
    const site = await openSite({});
    await site.upload("big", { size: 2 ** 21 });
    const project = await site.projectWithOld("stop");
    const registryWire = await openWire({ to: site.registry, holdAfter: 2 ** 19 });
    const running = await project.start("big", {}, { registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    await engine.shutDown();
    registryWire.release();
    const { exitCode, errorCode, stderr } = await running.result;
    await engine.startUp();
    expect([exitCode, errorCode]).toEqual([4, "docker.unreachable"]);
    expect(stderr).toContain("failed (engine) before anything changed, but Docker does not answer any more");
    const { exitCode: next } = await project.deploy("new");
    expect([next, await project.remains()]).toEqual([0, { runs: ["new"], traces: [] }]);
  });

  test("that fails brings moving tags of other images back, too", async () => {
    const site = await openSite({});
    const { registry } = site;
    await site.upload("broken", { does: "crashes" });
    const one = await site.upload("helper-1", { tag: "helper" });
    const compose = `${composeText()}  helper:
    image: ${registry.address}/shop:helper
    network_mode: none
`;
    const project = site.project("tags", { compose });
    const old = await project.deploy("old");
    const two = await site.upload("helper-2", { tag: "helper" });
    const broken = await project.deploy("broken");
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    const running = async () => (await composedContainers(engine, "tags"))[0];
    const tag = () =>
      engine.docker(["image", "inspect", "--format", "{{.Id}}", `${registry.address}/shop:helper`]);
    expect([old.exitCode, broken.exitCode, await running(), await tag()]).toEqual([
      0,
      1,
      `helper ${one.id} running`,
      `${one.id}\n`,
    ]);
    const { exitCode } = await project.deploy("new");
    expect([exitCode, await running()]).toEqual([0, `helper ${two.id} running`]);
  });
});
