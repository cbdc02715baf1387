import { describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openRegistry, openSshHost } from "../support/delivery.ts";
import { makeFolder } from "../support/folders.ts";
import { run } from "../support/run.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { deploy, openDeployJob } from "../support/ssh/deploy.ts";
import { uploadReleaseImage } from "../support/ssh/release-image.ts";
import type { SshHost } from "../support/ssh/ssh-host.ts";

const compose = `version: "2.4"
services:
  web: { image: "\${IMAGE}", network_mode: none }
`;

function engineOf(host: SshHost) {
  if (host.engine === null) throw new Error("The host has no engine.");
  return host.engine;
}

describe.runIf(hasSshHosts() && hasRegistry()).concurrent("ssh-deploy", () => {
  test("stops after the batch in which a host failed, and tells what runs where", async () => {
    const first = await openSshHost();
    const others = await Promise.all([1, 2].map(() => openSshHost({ engine: false, key: first.key })));
    const [lame, last] = others;
    const registry = await openRegistry();
    const image = await uploadReleaseImage({ registry, repository: "shop", version: "1" });
    const job = openDeployJob([first, ...others], {
      files: { "docker-compose.yml": compose },
      env: { REGISTRY_USER: registry.user, REGISTRY_PASSWORD: registry.password },
    });
    const { exitCode, errorCode, stdout, stderr } = await deploy(job, {
      hosts: `develop: ${first.destination}, ${lame?.destination}, ${last?.destination}`,
      image: `${registry.address}/shop@${image.digest}`,
      batch: "2",
      version: "0.1.1",
    });
    expect([exitCode, errorCode]).toEqual([4, "docker.unreachable"]);
    expect(stderr).toContain(`Not started: ${last?.destination}.`);
    const table = new Map(
      stdout.split("\n").flatMap((line) => (/^ {2}(\S+) +(.*)$/.exec(line) ? [[RegExp.$1, RegExp.$2]] : [])),
    );
    expect(table).toEqual(
      new Map([
        [first.destination, "0.1.1 is running"],
        [lame?.destination, "refused (engine), nothing was begun"],
        [last?.destination, "not started"],
      ]),
    );
    expect(last?.log()).not.toContain("Connection from");
    expect(await composedContainers(engineOf(first))).toEqual([`web ${image.id} running`]);
    expect(JSON.parse(job.read(".circleback/releases/deploy.json") ?? "")).toMatchObject({
      action: "deploy",
      version: "0.1.1",
      digest: image.digest,
      environment: "develop",
      hosts: [{ result: "deployed" }, { result: "refused", phase: "engine" }, { result: "not-started" }],
    });
  });

  test("brings back what somebody else had started when the first release fails", async () => {
    const [host, registry] = await Promise.all([openSshHost(), openRegistry()]);
    const engine = engineOf(host);
    const [old, broken] = await Promise.all([
      uploadReleaseImage({ registry, repository: "shop", version: "1" }),
      uploadReleaseImage({ registry, repository: "shop", version: "2", does: "crashes" }),
    ]);
    const folder = makeFolder({ "docker-compose.yml": compose.replace('"${IMAGE}"', "shop:old") });
    await engine.docker(
      ["login", "-u", registry.user, "--password-stdin", registry.address],
      registry.password,
    );
    await engine.docker(["pull", "-q", `${registry.address}/shop@${old.digest}`]);
    await engine.docker(["tag", `${registry.address}/shop@${old.digest}`, "shop:old"]);
    const env = { ...engine.env, PATH: process.env.PATH, HOME: folder };
    await run("/usr/bin/docker-compose", ["-p", "shop", "up", "-d"], { cwd: folder, env });
    expect(await composedContainers(engine)).toEqual([`web ${old.id} running`]);

    const job = openDeployJob([host], {
      files: { "docker-compose.yml": compose },
      env: { REGISTRY_USER: registry.user, REGISTRY_PASSWORD: registry.password },
    });
    const image = `${registry.address}/shop@${broken.digest}`;
    expect(await deploy(job, { hosts: host.destination, image })).toMatchObject({
      exitCode: 1,
      errorCode: "deploy.failed",
      stderr: expect.stringContaining("failed (health), rolled back to what ran before"),
    });
    expect(await composedContainers(engine)).toEqual([`web ${old.id} running`]);
  });

  test.for([
    ["an invalid Compose file", "services: [\n", {}, "compose.invalid"],
    ["a service that does not exist", compose, { services: "nobody" }, "compose.invalid"],
    ["an image that is not there", compose, { image: "127.0.0.1:9/shop@sha256:" }, "deploy.failed"],
  ] as const)("changes nothing for %s", async ([, file, given, errorCode]) => {
    const host = await openSshHost();
    const job = openDeployJob([host], { files: { "docker-compose.yml": file } });
    const image = `${"image" in given ? given.image : "busybox@sha256:"}${"0".repeat(64)}`;
    const result = await deploy(job, { hosts: host.destination, ...given, image });
    expect(result).toMatchObject({ errorCode, stderr: expect.stringContaining("before anything changed") });
    expect(await composedContainers(engineOf(host))).toEqual([]);
    expect(host.files().filter((file) => !/\/(runs\/|history)/.test(file))).toEqual([]);
  });
});
