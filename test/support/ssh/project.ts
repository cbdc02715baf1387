import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type BundleResult, type RunningBundle, startBundle } from "../bundle.ts";
import { makeFolder } from "../folders.ts";
import { type JobFolder, openJobFolder } from "../job-folder.ts";
import type { Registry } from "../registry.ts";
import { parameterVariables } from "../service.ts";
import { composedContainers } from "./containers.ts";
import type { ReleaseImage } from "./release-image.ts";
import type { SshHost } from "./ssh-host.ts";
import type { Wire } from "./wire.ts";

type Texts = Readonly<Record<string, string>>;

/** What must be nowhere but in the file of variables that was asked for. */
const secretWord = "the-secret-word-of-the-service";

const healthCheck = `healthcheck:
      test: [CMD, /bin/busybox, wget, -q, -O, "-", http://127.0.0.1:8080/version]
      interval: 1s
      retries: 4`;

/** Two containers of one image; `more` is said of both. */
export function composeText(more = healthCheck): string {
  const service = `
    image: "\${IMAGE}"
    network_mode: none
    restart: always
    stop_grace_period: 3s
    environment:
      SECRET_WORD: "\${SECRET_WORD}"
    ${more}`;
  return `services:\n  web:${service}\n  worker:${service}\n`;
}

export interface ProjectOptions {
  readonly compose?: string;
  readonly hosts?: readonly SshHost[];
}

/** How a job gets to the hosts and images, where that is not the plain way. */
interface Way {
  /** In front of the first host. */
  readonly wire?: Wire;
  readonly registryWire?: Wire;
  readonly env?: Texts;
}

/** A Compose project on hosts, and the job that deploys it. */
export interface Project {
  readonly job: JobFolder;
  /** Deploys an image, by name or digest, to the end. Every program that a job starts is noted. */
  deploy(image: string, parameters?: Texts, way?: Way): Promise<BundleResult>;
  start(image: string, parameters?: Texts, way?: Way): Promise<RunningBundle>;
  rollBack(parameters?: Texts, way?: Way): Promise<BundleResult>;
  startRollBack(parameters?: Texts, way?: Way): Promise<RunningBundle>;
  /** What is there when all is over. */
  remains(): Promise<Remains>;
  /** Waits until no host has a lock of the project, nor a run that is ending, so many milliseconds at most. */
  untilUnlocked(limit: number): Promise<void>;
  lockOf(host: SshHost): string;
}

interface Remains {
  /** On each host: the name of an image of which both containers run, or all that is there. */
  readonly runs: readonly (string | readonly string[])[];
  /** Locks, secrets and files of the job: what should not be there. */
  readonly traces: readonly string[];
}

export function openProject(parts: {
  readonly hosts: readonly SshHost[];
  readonly registry: Registry;
  readonly images: ReadonlyMap<string, ReleaseImage>;
  readonly name: string;
  readonly key: string;
  readonly compose?: string;
}): Project {
  const { hosts, registry, images, name, key, compose = composeText() } = parts;
  const job = openJobFolder({ "docker-compose.yml": compose });
  const printed: string[] = [];
  const calls = join(makeFolder({ calls: "" }), "calls");
  const lockOf: Project["lockOf"] = (host) => join(host.home, ".circleback", name, "lock");

  async function begin(command: string, parameters: Texts, { wire, env }: Way): Promise<RunningBundle> {
    const [first, ...others] = hosts.map(({ destination }) => destination);
    const reached = wire === undefined ? first : `deploy@${wire.address}:${wire.port}`;
    const knownHosts = hosts.map((host) => host.knownHosts).join("");
    const behindWire = wire === undefined ? "" : rename(hosts[0]?.knownHosts ?? "", wire);
    const variables = await parameterVariables(command, {
      hosts: [reached, ...others].join(", "),
      "known-hosts": "${KNOWN_HOSTS}",
      "project-name": name,
      ...parameters,
    });
    const running = await startBundle(
      command,
      {
        ...job.env,
        CIRCLE_WORKFLOW_ID: `workflow of ${job.directory}`,
        CIRCLE_USERNAME: "ann",
        DEPLOY_SSH_KEY: key,
        KNOWN_HOSTS: `${knownHosts}${behindWire}`,
        REGISTRY_USER: registry.user,
        REGISTRY_PASSWORD: registry.password,
        SECRET_WORD: secretWord,
        ...variables,
        ...env,
      },
      job.directory,
      tracer,
    );
    const result = running.result.then((ended) => {
      printed.push(ended.stdout, ended.stderr);
      return ended;
    });
    return { ...running, result };
  }

  function describe(image: string, { registryWire }: Way): Texts {
    const { address, port } = registryWire ?? {};
    const place = registryWire === undefined ? registry.address : `${address}:${port}`;
    const version = image.replaceAll(/\W/g, "-").slice(0, 20);
    return {
      image: `${place}/shop@${images.get(image)?.digest ?? image}`,
      version,
      env: "SECRET_WORD",
    };
  }

  // As a grandchild (-D), so that signals reach the program.
  const trace = ["strace", "-D", "-f", "--seccomp-bpf", "-qq", "-s", "131072", "-e", "trace=execve"];
  const tracer = [...trace, "-e", "signal=none", "-A", "-o", calls];

  const start: Project["start"] = (image, parameters = {}, way = {}) =>
    begin("ssh-deploy", { ...describe(image, way), ...parameters }, way);
  const startRollBack: Project["startRollBack"] = (parameters = {}, way = {}) =>
    begin("ssh-rollback", parameters, way);

  async function runsOn({ engine }: SshHost): Promise<string | readonly string[]> {
    if (engine === null) return "nothing";
    const containers = await composedContainers(engine, name);
    for (const [image, { id }] of images) {
      const whole = ["web", "worker"].map((service) => `${service} ${id} running`);
      if (containers.join() === whole.join()) return image;
    }
    return containers.length === 0 ? "nothing" : containers;
  }

  function* places(): Iterable<readonly [string, string]> {
    yield ["what was printed", printed.join("")];
    yield ["a command line of the job", readFileSync(calls, "utf8")];
    for (const host of hosts) {
      yield ["a command line of the host", host.commandLines()];
      for (const file of host.files()) {
        const isOfAnother = file.startsWith("~/.circleback/") && !file.startsWith(`~/.circleback/${name}/`);
        if (isOfAnother || /\/releases\/[^/]+\/env$/.test(file)) continue;
        yield [`${file} of the host`, readIfThere(() => host.read(file))];
      }
    }
  }

  /** What a host keeps of this project is a record, releases, and what each run has said. */
  function isUnasked(file: string): boolean {
    const [, inProject] = file.split(`~/.circleback/${name}/`);
    if (inProject === undefined) return file.startsWith("/tmp/");
    return !/^(current|history\.jsonl|lock\/\w+|releases\/[\w-]+\/[\w.]+|runs\/\w+\.(log|end|pid|cancel))$/.test(
      inProject,
    );
  }

  return {
    job,
    deploy: async (image, parameters, way) => (await start(image, parameters, way)).result,
    start,
    rollBack: async (parameters, way) => (await startRollBack(parameters, way)).result,
    startRollBack,
    lockOf,
    async remains() {
      const secrets = {
        "the secret word": secretWord,
        "the registry's password": registry.password,
        "the registry's login": Buffer.from(`${registry.user}:${registry.password}`).toString("base64"),
        "the key": key.split("\n")[2] ?? "",
      };
      const locks = hosts
        .filter((host) => existsSync(lockOf(host)))
        .map(({ address }) => `a lock on ${address}`);
      const leaks = [...places()].flatMap(([place, text]) =>
        Object.entries(secrets)
          .filter(([, secret]) => text.includes(secret))
          .map(([kind]) => `${kind} in ${place}`),
      );
      const unasked = hosts.flatMap((host) => host.files().filter(isUnasked));
      return {
        runs: await Promise.all(hosts.map(runsOn)),
        traces: [
          ...locks,
          ...leaks,
          ...job.leftovers().map((file) => `${file} of the job`),
          ...unasked.map((file) => `${file} of a host`),
        ],
      };
    },
    async untilUnlocked(limit) {
      const end = Date.now() + limit;
      // The lock goes right before a run's last word gets its name.
      const isEnding = (file: string) =>
        file.startsWith(`~/.circleback/${name}/runs/`) && file.endsWith(".new");
      const isBusy = (host: SshHost) => existsSync(lockOf(host)) || host.files().some(isEnding);
      while (hosts.some(isBusy) && Date.now() < end) await pause(100);
    },
  };
}

/** Lines of known hosts, for hosts that are behind a wire. */
function rename(knownHosts: string, { address, port }: Wire): string {
  return knownHosts.replaceAll(/^\S+/gm, `[${address}]:${port}`);
}

/** A file may go while others are looked at. */
function readIfThere(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
