import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { baseImage, type DockerEngine } from "./docker-engine.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { fillScenario, type ImageParts, type Part, startImageParts, stopAll } from "./run-example.ts";
import { type KeyPair, makeKeyPair } from "./ssh/key-pair.ts";
import { type SshHost, startSshHost } from "./ssh/ssh-host.ts";

const names = ["sandbox", "staging", "production"] as const;
type EnvironmentName = (typeof names)[number];

export interface Gitflow extends ImageParts {
  readonly hosts: Readonly<Record<EnvironmentName, SshHost>>;
  /** The example's scenario, with absolute paths and with the addresses of these servers and hosts. */
  readonly scenario: string;
}

/** Starts all servers and hosts that examples/gitflow needs. */
export async function openGitflow(): Promise<Gitflow> {
  const stops: Part[] = [];
  const stop = () => stopAll(stops);
  const keep = async <Started extends Part>(starting: Promise<Started>) => {
    const part = await starting;
    stops.push(part);
    return part;
  };
  try {
    const [{ engine, model }, hub, key] = await Promise.all([
      keep(startImageParts()),
      keep(startRegistry({ open: true })),
      keep(makeDeployKey()),
    ]);
    const [sandbox, staging, production] = await Promise.all([
      keep(startSshHost({ key, hub: hub.address })),
      keep(startSshHost({ key, hub: hub.address })),
      keep(startSshHost({ key, hub: hub.address })),
      publishBaseImage(engine, hub),
    ]);
    const hosts = { sandbox, staging, production };
    const addresses = names.map((name) => [name.toUpperCase(), `${hosts[name].address}:${hosts[name].port}`]);
    const { scenario } = await keep(
      Promise.resolve(
        fillScenario("gitflow", {
          environment: { DOCKER_HOST: engine.host },
          contexts: {
            aws: { AWS_ENDPOINT_URL: model.url, ECR_REGISTRY: model.registryAddress },
            hosts: {
              ...Object.fromEntries(addresses),
              KNOWN_HOSTS: names.map((name) => hosts[name].knownHosts).join(""),
              DEPLOY_SSH_KEY: readFileSync(key.file, "utf8"),
            },
          },
        }),
      ),
    );
    return { engine, model, hosts, scenario, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Says which version each host answers. */
export async function showVersions({ hosts }: Gitflow): Promise<void> {
  for (const name of names) {
    process.stdout.write(`${name}: GET /version -> ${await ask(hosts[name], "/version")}\n`);
  }
}

/** What the shop on that host answers, or why it does not. */
export async function ask({ address }: SshHost, path: string): Promise<string> {
  try {
    const response = await fetch(`http://${address}:8080${path}`, { signal: AbortSignal.timeout(10_000) });
    return `${response.ok ? "" : `${response.status} `}${(await response.text()).trim()}`;
  } catch (error) {
    return `no answer (${error instanceof Error ? error.message : error})`;
  }
}

async function makeDeployKey(): Promise<KeyPair & Part> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-key-"));
  const key = await makeKeyPair(join(folder, "key"), "ed25519");
  return {
    ...key,
    async stop() {
      rmSync(folder, { recursive: true });
    },
  };
}

/** The engine's own base image is what Docker Hub is asked for. */
async function publishBaseImage(engine: DockerEngine, hub: Registry): Promise<void> {
  const name = `${hub.address}/library/${baseImage}`;
  await engine.docker(["tag", baseImage, name]);
  await engine.docker(["push", "--quiet", name]);
}
