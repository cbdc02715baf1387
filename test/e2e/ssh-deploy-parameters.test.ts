import { chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts } from "../support/delivery.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { composeText } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";

/** What is deployed, and where, is what the parameters say. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once

describe.runIf(canDeploy).concurrent("a deploy", { timeout }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite({}, {});
    await site.upload("broken", { does: "crashes" });
  }, 60_000);
  const [first, second] = [0, 1].map((place) => () => site.hosts[place] ?? expect.fail("no host")) as [
    () => Site["hosts"][number],
    () => Site["hosts"][number],
  ];
  const onFirst = () => ({ hosts: [first()] });

  test("takes the Compose file that is on the host, with what lies beside it", async () => {
    const folder = join(first().home, "app");
    const { uid, gid } = statSync(first().home);
    mkdirSync(folder);
    const beside = composeText().replaceAll(
      "    network_mode",
      "    env_file: service.env\n    network_mode",
    );
    for (const [name, text] of [
      ["shop.yml", beside],
      ["service.env", "FROM_THE_HOST=yes\n"],
    ] as const) {
      writeFileSync(join(folder, name), text);
      chownSync(join(folder, name), uid, gid);
    }
    const project = site.project("beside", { ...onFirst(), compose: "services: {}\n" });
    const parameters = { "remote-path": "${PLACE}/shop.yml" };
    const way = { env: { PLACE: folder } };
    expect((await project.deploy("old", parameters, way)).exitCode).toBe(0);
    const ids = await first().engine?.docker([
      "ps",
      "-q",
      "--filter",
      "label=com.docker.compose.project=beside",
    ]);
    const [id = ""] = (ids ?? "").split("\n");
    expect(await first().engine?.docker(["inspect", "--format", "{{.Config.Env}}", id])).toContain(
      "FROM_THE_HOST=yes",
    );
    const broken = await project.deploy("broken", parameters, way);
    expect(broken.stderr).toContain("rolled back to old");
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("touches no service but those that are named, and neither does a roll back", async () => {
    const project = await site.projectWithOld("named", onFirst());
    const engine = first().engine ?? expect.fail("no engine");
    const id = (name: string) => site.images.get(name)?.id;
    const ending = async ({ exitCode }: { readonly exitCode: number | null }) => [
      exitCode,
      ...(await composedContainers(engine, "named")),
    ];
    const mixed = [`web ${id("new")} running`, `worker ${id("old")} running`];
    const named = await project.deploy("new", { services: "web" });
    expect(await ending(named)).toEqual([0, ...mixed]);
    const broken = await project.deploy("broken", { services: "web" });
    expect(broken.stderr).toContain("rolled back to new");
    expect(await ending(broken)).toEqual([1, ...mixed]);

    const more = site.project("named", {
      ...onFirst(),
      compose: `${composeText()}  more:
    image: "\${IMAGE}"
    network_mode: none
    command: [/bin/busybox, sleep, "1000"]
`,
    });
    const withMore = await more.deploy("broken", { services: "web more" });
    expect(withMore.stderr).toContain("rolled back to new");
    expect(await ending(withMore)).toEqual([1, ...mixed]);

    expect((await project.deploy("old", { version: "all" })).exitCode).toBe(0);
    expect((await project.remains()).runs).toEqual(["old"]);
    expect(await ending(await project.rollBack({ to: "new" }))).toEqual([0, ...mixed]);
    expect((await project.remains()).traces).toEqual([]);
  });

  test("takes the image that a step before it has exported", async () => {
    const project = site.project("exported", onFirst());
    const image = `${site.registry.address}/shop@${site.images.get("new")?.digest}`;
    const { exitCode } = await project.deploy("old", { image: "" }, { env: { CIRCLEBACK_IMAGE: image } });
    expect([exitCode, await project.remains()]).toEqual([0, { runs: ["new"], traces: [] }]);
  });

  test("runs what is to run once on the first host alone, in the new image, before the start", async () => {
    const project = site.project("once");
    const { exitCode, stdout } = await project.deploy("new", {
      batch: "100%",
      "run-once": "web /bin/busybox cat /www/version",
    });
    expect([exitCode, await project.remains()]).toEqual([0, { runs: ["new", "new"], traces: [] }]);
    const ran = [first(), second()].map((host) =>
      /"-p", "once".*"run", "--name", "[^"]+", "--rm"/.test(host.commandLines()),
    );
    expect(ran).toEqual([true, false]);
    const said = stdout.split("\n").filter((line) => line.startsWith(first().destination));
    const order = ["== Running once", "| new", "== Starting"].map((words) =>
      said.findIndex((line) => line.includes(words)),
    );
    expect([order.includes(-1), order]).toEqual([false, [...order].sort((one, other) => one - other)]);
  });

  test("counts as well once the URL answers, and not when it answers with an error", async () => {
    const PORT = String(await freePort());
    const compose = composeText()
      .replace(/ {2}worker:[\s\S]*/, "")
      .replace("network_mode: none", "network_mode: host");
    const listening = compose.replace("environment:", "environment:\n      PORT:").replace("8080", PORT);
    const project = site.project("asked", { ...onFirst(), compose: listening });
    const ask = (path: string) => ({
      env: `SECRET_WORD\nPORT=${PORT}`,
      "probe-url": `http://127.0.0.1:${PORT}${path}`,
      "probe-timeout": "20s",
    });
    const engine = first().engine ?? expect.fail("no engine");
    const well = await project.deploy("old", ask("/version"));
    const running = await composedContainers(engine, "asked");
    expect([well.exitCode, running]).toEqual([0, [`web ${site.images.get("old")?.id} running`]]);
    const unwell = await project.deploy("new", ask("/nowhere"));
    expect(unwell.stdout).toMatch(/\/nowhere does not answer: .*404/);
    expect(unwell.stderr).toContain("failed (probe), rolled back to old");
    expect(await composedContainers(engine, "asked")).toEqual(running);
    expect((await project.remains()).traces).toEqual([]);
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
