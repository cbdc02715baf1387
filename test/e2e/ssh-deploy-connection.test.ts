import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openSshHost, openWire } from "../support/delivery.ts";
import { openSite, type Site } from "../support/ssh/site.ts";

/** What goes wrong between the job and the host. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once

describe.runIf(canDeploy).concurrent("a deploy", { timeout }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite({});
    await Promise.all(["big", "bulky"].map((name) => site.upload(name, { size: 2 ** 21 })));
    await site.upload("slow", { does: "ends slowly" });
  }, 60_000);
  const host = () => site.hosts[0] ?? expect.fail("no host");

  test("takes one connection for all of it, and keeps its variables to its user", async () => {
    const project = site.project("one");
    const wire = await openWire({ to: host() });
    const { exitCode } = await project.deploy("new", {}, { wire });
    expect([exitCode, wire.connections]).toEqual([0, 1]);
    const base = join(host().home, ".circleback/one");
    const release = join(base, "releases", host().read("~/.circleback/one/current").trim());
    const modes = [base, release, join(release, "env")].map((path) =>
      (statSync(path).mode & 0o777).toString(8),
    );
    expect(modes).toEqual(["700", "700", "600"]);
    expect(await project.remains()).toEqual({ runs: ["new"], traces: [] });
  });

  test("to a host that is down fails, and changes nothing", async () => {
    const project = await site.projectWithOld("down");
    const wire = await openWire({ to: host() });
    await wire.cut("refuse");
    const { exitCode, errorCode, stderr } = await project.deploy("new", {}, { wire });
    expect([exitCode, errorCode]).toEqual([4, "ssh.unreachable"]);
    expect(stderr).toContain(`127.0.0.1:${wire.port}`);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("to a host with another key than the pinned one sends nothing, and names both keys", async () => {
    const changed = await openSshHost({ engine: false, trace: true, key: host().key });
    const [before, type] = [changed.hostKeys, "ed25519"] as const;
    const pinned = changed.knownHosts;
    await changed.changeHostKeys();
    const project = site.project("changed", { hosts: [changed] });
    const calls = changed.commandLines();
    for (const parameters of [
      { "known-hosts": pinned },
      { "known-hosts": "", "host-key-fingerprints": before[type].fingerprint },
    ]) {
      const { exitCode, errorCode, stderr } = await project.deploy("new", parameters);
      expect([exitCode, errorCode]).toEqual([3, "ssh.host-key-mismatch"]);
      const words = [changed.address, before[type].fingerprint, changed.hostKeys[type].fingerprint];
      expect(words.filter((word) => !stderr.includes(word))).toEqual([]);
      expect(stderr).toMatch(/ed25519/i);
    }
    expect(changed.commandLines().replace(calls, "")).not.toMatch(/"sh"/);
    expect(await project.remains()).toEqual({ runs: ["nothing"], traces: [] });
  });

  test("with a key that the host does not take fails, and changes nothing", async () => {
    const other = await openSshHost({ engine: false });
    const project = await site.projectWithOld("refused");
    const env = { DEPLOY_SSH_KEY: readFileSync(other.key.file, "utf8") };
    const { exitCode, errorCode } = await project.deploy("new", {}, { env });
    expect([exitCode, errorCode]).toEqual([3, "ssh.unauthorized"]);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("whose connection is cut in the middle of the pull comes to its end", async () => {
    const project = await site.projectWithOld("cut-pull");
    const [wire, registryWire] = await Promise.all([
      openWire({ to: host() }),
      openWire({ to: site.registry, holdAfter: 2 ** 19 }),
    ]);
    const deploy = project.deploy("big", {}, { wire, registryWire });
    await registryWire.untilAnswered(2 ** 19);
    await wire.cut();
    registryWire.release();
    const { exitCode, stdout } = await deploy;
    expect([exitCode, /connection is lost/i.test(stdout)]).toEqual([0, true]);
    expect(await project.remains()).toEqual({ runs: ["big"], traces: [] });
  });

  test("whose connection is cut in the middle of the start comes to its end", async () => {
    const project = await site.projectWithOld("cut-up");
    await project.deploy("slow");
    const wire = await openWire({ to: host() });
    const running = await project.start("new", {}, { wire });
    await running.untilItSays("== Starting");
    await wire.cut();
    const { exitCode, stdout } = await running.result;
    expect([exitCode, /connection is lost/i.test(stdout)]).toEqual([0, true]);
    expect(await project.remains()).toEqual({ runs: ["new"], traces: [] });
  });

  test("whose connection is cut for good is finished by the host alone", async () => {
    const project = await site.projectWithOld("cut-off");
    const [wire, registryWire] = await Promise.all([
      openWire({ to: host() }),
      openWire({ to: site.registry, holdAfter: 2 ** 19 }),
    ]);
    const running = await project.start("bulky", {}, { wire, registryWire });
    await registryWire.untilAnswered(2 ** 19);
    const isLost = running.untilItSays("connection is lost");
    await wire.cut("refuse");
    await isLost;
    running.child.kill("SIGTERM"); // nobody waits minutes for a host in a test
    const { exitCode, errorCode, stderr } = await running.result;
    registryWire.release();
    await project.untilUnlocked(60_000);
    expect([exitCode, errorCode]).toEqual([6, "job.canceled"]);
    expect(stderr).toContain("goes on by itself");
    expect(await project.remains()).toEqual({ runs: ["bulky"], traces: [] });
  });

  test.for([3000, 3500])(
    "whose connection is cut once the host has sent %d bytes is done all the same",
    async (cutAfter) => {
      const project = site.project(`cut-${cutAfter}`);
      const wire = await openWire({ to: host(), cutAfter });
      const { exitCode } = await project.deploy("new", {}, { wire });
      expect([exitCode, await project.remains()]).toEqual([0, { runs: ["new"], traces: [] }]);
    },
  );

  test("goes through another host, whose key is pinned as well", async () => {
    const jump = await openSshHost({ engine: false, key: host().key });
    const project = site.project("jump");
    const known = { "known-hosts": `${host().knownHosts}${jump.knownHosts}` };
    const unpinned = await project.deploy("new", { jump: jump.destination });
    const deployed = await project.deploy("new", { jump: jump.destination, ...known });
    expect([unpinned.exitCode, unpinned.errorCode, deployed.exitCode]).toEqual([
      2,
      "ssh.host-key-unknown",
      0,
    ]);
    expect(await project.remains()).toEqual({ runs: ["new"], traces: [] });
  });
});
