import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openRegistry, openSshHost } from "../support/delivery.ts";
import type { Registry } from "../support/registry.ts";
import { available } from "../support/require.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { deploy, openDeployJob, rollBack } from "../support/ssh/deploy.ts";
import { uploadReleaseImage } from "../support/ssh/release-image.ts";
import { composePlugin, type SshHost } from "../support/ssh/ssh-host.ts";

const compose = `version: "2.4"
services:
  web:
    image: \${IMAGE}
    network_mode: none
    environment: [SECRET]
`;

const secret = "a 'quoted' \"word\" $HOME `id` %s\nand a second line \\n";

function engineOf(host: SshHost) {
  if (host.engine === null) throw new Error("The host has no engine.");
  return host.engine;
}

const hasPlugin = available("compose-plugin", () =>
  existsSync(composePlugin) ? null : `there is no ${composePlugin}`,
);

const upload = (registry: Registry, version: string, does: "serves" | "crashes" = "serves") =>
  uploadReleaseImage({ registry, repository: "shop", version, does });

describe.runIf(hasSshHosts() && hasRegistry()).concurrent("ssh-deploy", { timeout: 240_000 }, () => {
  test.for(["docker-compose", "plugin"] as const)(
    "by %s deploys, keeps the old release when the new one fails, and rolls back",
    async (kind, { skip }) => {
      if (kind === "plugin" && !hasPlugin) skip();
      const [host, registry] = await Promise.all([openSshHost({ compose: kind }), openRegistry()]);
      const [one, two, broken] = await Promise.all([
        upload(registry, "1"),
        upload(registry, "2"),
        upload(registry, "3", "crashes"),
      ]);
      const job = openDeployJob([host], {
        files: { "docker-compose.yml": compose },
        env: { SECRET: secret, REGISTRY_USER: registry.user, REGISTRY_PASSWORD: registry.password },
      });
      const release = (image: { readonly digest: string }, version: string) => ({
        hosts: `develop: ${host.destination}`,
        image: `${registry.address}/shop@${image.digest}`,
        version,
        env: "SECRET",
      });

      const first = await deploy(job, release(one, "0.1.1"));
      expect(first).toMatchObject({ exitCode: 0, stderr: "" });
      const id = (await engineOf(host).docker(["ps", "-q"])).trim();
      const inside = await engineOf(host).docker(["exec", id, "/bin/sh", "-c", 'printf %s "$SECRET"']);
      expect(inside).toBe(secret);

      const second = await deploy(job, release(two, "0.1.2"));
      expect([second.exitCode, await composedContainers(engineOf(host))]).toEqual([
        0,
        [`web ${two.id} running`],
      ]);

      const third = await deploy(job, release(broken, "0.1.3"));
      expect(third).toMatchObject({ exitCode: 1, errorCode: "deploy.failed" });
      expect(third.stderr).toContain("failed (health), rolled back to 0.1.2");
      expect(third.stdout).toContain("no database at db:5432");
      expect(await composedContainers(engineOf(host))).toEqual([`web ${two.id} running`]);

      const unexpected = await rollBack(job, { hosts: host.destination, "expect-current": "0.1.1" });
      expect(unexpected).toMatchObject({ exitCode: 1, errorCode: "release.unexpected" });
      const nowhere = await rollBack(job, { hosts: host.destination, to: "0.1.3" });
      expect(nowhere).toMatchObject({ exitCode: 5, errorCode: "release.not-found" });
      const back = await rollBack(job, { hosts: host.destination, "expect-current": two.digest });
      expect([back.exitCode, await composedContainers(engineOf(host))]).toEqual([
        0,
        [`web ${one.id} running`],
      ]);

      const forth = await rollBack(job, { hosts: host.destination, to: "0.1.2" });
      expect([forth.exitCode, await composedContainers(engineOf(host))]).toEqual([
        0,
        [`web ${two.id} running`],
      ]);
      const record = host.read("~/.circleback/shop/history.jsonl").trim().split("\n");
      expect(record.map((line) => JSON.parse(line)).map(({ mode, result }) => `${mode} ${result}`)).toEqual([
        ...["deploy deployed", "deploy deployed", "deploy rolled-back"],
        ...["rollback unchanged", "rollback unchanged", "rollback deployed", "rollback deployed"],
      ]);
      expect(host.files().filter((file) => file.startsWith("/tmp") || file.includes("login"))).toEqual([]);

      for (const { stdout, stderr } of [first, second, third, back]) {
        expect(stdout + stderr).not.toContain(registry.password);
        expect(stdout + stderr).not.toContain("and a second line");
      }
      expect(job.leftovers()).toEqual([]);
    },
  );
});
