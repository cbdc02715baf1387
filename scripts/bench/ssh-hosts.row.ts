import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry } from "../../test/support/registry.ts";
import { run } from "../../test/support/run.ts";
import { uploadReleaseImage } from "../../test/support/ssh/release-image.ts";
import { startSshHost } from "../../test/support/ssh/ssh-host.ts";
import { bundleCommand } from "../bundle.ts";
import { atEnd, inTurns, type Row } from "./row.ts";
import { stepEnvironment } from "./step-environment.ts";

const count = 10;

const compose = `services:
  web:
    image: "\${IMAGE}"
    network_mode: none
    stop_grace_period: 3s
    healthcheck:
      test: [CMD, /bin/busybox, wget, -q, -O, "-", http://127.0.0.1:8080/version]
      interval: 10s
`;

/**
 * The next version of a service that is well ten seconds after its start, for ten hosts in one batch and for one of
 * them. All ten, with engines and containers, share the two cores of this machine, which hosts of one's own do not.
 */
export const row: Row = {
  title: `a deploy to ${count} hosts at once`,
  unit: "ms",
  against: "the same to one host",
  async measure() {
    const folder = mkdtempSync(join(tmpdir(), "circleback-bench-"));
    atEnd(async () => rmSync(folder, { recursive: true, force: true }));
    for (const name of ["project", "home", "tmp"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "project/docker-compose.yml"), compose);
    const program = join(folder, "ssh-deploy.cjs");
    writeFileSync(program, await bundleCommand("ssh-deploy"));

    const registry = await startRegistry();
    atEnd(registry.stop);
    const first = await startSshHost({ compose: "plugin" });
    atEnd(() => first.stop());
    const hosts = [first];
    while (hosts.length < count) {
      const host = await startSshHost({ compose: "plugin", key: first.key });
      atEnd(() => host.stop());
      hosts.push(host);
    }

    let version = 0;
    const deploy = async (targets: typeof hosts): Promise<number> => {
      const name = `1.0.${++version}`;
      const { digest } = await uploadReleaseImage({ registry, repository: "shop", version: name });
      const env = {
        PATH: process.env.PATH,
        HOME: join(folder, "home"),
        TMPDIR: join(folder, "tmp"),
        DEPLOY_SSH_KEY: readFileSync(first.key.file, "utf8"),
        REGISTRY_USER: registry.user,
        REGISTRY_PASSWORD: registry.password,
        KNOWN_HOSTS: targets.map(({ knownHosts }) => knownHosts).join(""),
        ...(await stepEnvironment("ssh-deploy", {
          hosts: targets.map(({ destination }) => destination).join(", "),
          "known-hosts": "${KNOWN_HOSTS}",
          "project-name": "shop",
          image: `${registry.address}/shop@${digest}`,
          version: name,
          batch: "100%",
        })),
      };
      const start = performance.now();
      const { exitCode, output } = await run(process.execPath, [program], {
        cwd: join(folder, "project"),
        env,
      });
      if (exitCode !== 0) throw new Error(`The deploy ended with ${exitCode}:\n${output}`);
      return performance.now() - start;
    };
    await deploy(hosts); // so that every host has a release before
    return inTurns(
      3,
      () => deploy(hosts),
      () => deploy([first]),
    );
  },
};
