import { execFileSync, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache.ts";
import { type DockerEngine, engineObstacle, startDockerEngine } from "../docker-engine.ts";
import { type ServerProcess, startServer } from "../server-process.ts";
import { findProgram } from "../toolbox.ts";
import { type KeyPair, type KeyType, makeKeyPair } from "./key-pair.ts";

/**
 * A real host: an SSH server with host keys, an account, a home, a /tmp and a Docker engine of its own. What runs
 * on it is in name spaces for mounts and processes, so that it ends with the host whatever happens. It shares the
 * network of this machine: hosts differ by their address, all of the loopback device, and not by their port.
 */
export interface SshHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** `deploy@127.1.2.3:2222` */
  readonly destination: string;
  /** A key that may log in. */
  readonly key: KeyPair;
  readonly hostKeys: Readonly<Record<KeyType, KeyPair>>;
  /** The text for a file of known hosts that knows all its keys. */
  readonly knownHosts: string;
  /** The account's home; containers see the same path. */
  readonly home: string;
  /** Null on a host without one. */
  readonly engine: DockerEngine | null;
  /** What the SSH server has logged. */
  log(): string;
  /** Files in its home and its /tmp, sorted, as `~/app/compose.yml` and `/tmp/x`. */
  files(): readonly string[];
  read(path: string): string;
  /** Every command line that ran on the host so far; only where it was started with `trace`. */
  commandLines(): string;
  /** Leaves no byte free in its home, which must have a disk of its own. */
  fillHome(): void;
  /** From now on it has host keys that it did not have before. */
  changeHostKeys(): Promise<void>;
  /** Ends everything that runs on it but its engine: nobody answers at its address. */
  shutDown(): Promise<void>;
  startUp(): Promise<void>;
  stop(): Promise<void>;
}

export interface SshHostOptions {
  /** A key that may log in; one of the host's own where it is left out. */
  readonly key?: KeyPair;
  /** What answers to `docker-compose` (1.29) or to `docker compose`. */
  readonly compose?: "docker-compose" | "plugin" | "none";
  /** False: there is a client, but nobody listens. */
  readonly engine?: boolean;
  /** The most that the engine's data may take, in MiB. */
  readonly disk?: number;
  /** The most that its home may take, in MiB. */
  readonly homeDisk?: number;
  /** Note every program that is started on the host, with all arguments. */
  readonly trace?: boolean;
  /** What its engine asks in the place of Docker Hub: a registry that all may read. */
  readonly hub?: string;
}

export const composePlugin = join(cacheFolder, "bin/compose-plugin");

const account = { user: "deploy", id: 64_123 };
const port = 2222;
const keyTypes = ["ed25519", "ecdsa", "rsa"] as const;
/** Where a machine may have Compose; a host has only what it is meant to have. */
const composePrograms = [
  "/usr/bin/docker-compose",
  "/usr/lib/docker/cli-plugins/docker-compose",
  "/usr/libexec/docker/cli-plugins/docker-compose",
];

/** Why no host can be started here, or null. */
export function sshHostObstacle(): string | null {
  const engine = engineObstacle();
  if (engine !== null) return engine;
  const programs = ["ssh", "ssh-keygen", "setpriv", "unshare", "strace"].filter(
    (name) => findProgram(name) === null,
  );
  const files = ["/usr/sbin/sshd", "/usr/bin/docker", "/usr/bin/docker-compose"].filter(
    (file) => !existsSync(file),
  );
  const missing = [...programs, ...files];
  return missing.length === 0 ? null : `${missing.join(", ")} not there`;
}

export async function startSshHost(options: SshHostOptions = {}): Promise<SshHost> {
  // Not in /tmp, which a host has of its own.
  const folder = mkdtempSync("/var/tmp/circleback-host-");
  let engine: DockerEngine | null = null;
  try {
    layOut(folder, options);
    const address = ["127", ...Array.from({ length: 3 }, () => randomInt(1, 255))].join(".");
    const [key, hostKeys, started] = await Promise.all([
      options.key ?? makeKeyPair(join(folder, "key"), "ed25519"),
      makeHostKeys(folder),
      options.engine === false
        ? null
        : startDockerEngine({
            publishAt: address,
            group: account.id,
            ...(options.disk !== undefined && { disk: options.disk }),
            ...(options.hub !== undefined && { hub: options.hub }),
          }),
    ]);
    engine = started;
    writeFileSync(join(folder, "etc/authorized_keys"), `${key.publicKey}\n`);
    writeFileSync(join(folder, "etc/sshd_config"), configure(folder, address));
    const machine = new Machine({ folder, address, key, engine, hostKeys, options });
    await machine.startUp();
    return machine;
  } catch (error) {
    await engine?.stop();
    remove(folder, options);
    throw error;
  }
}

class Machine implements SshHost {
  readonly address: string;
  readonly port = port;
  readonly user = account.user;
  readonly key: KeyPair;
  readonly engine: DockerEngine | null;
  readonly home: string;
  hostKeys: Readonly<Record<KeyType, KeyPair>>;
  readonly #folder: string;
  readonly #options: SshHostOptions;
  #server: ServerProcess | null = null;
  #log = "";

  constructor(parts: {
    readonly folder: string;
    readonly address: string;
    readonly key: KeyPair;
    readonly engine: DockerEngine | null;
    readonly hostKeys: Readonly<Record<KeyType, KeyPair>>;
    readonly options: SshHostOptions;
  }) {
    this.address = parts.address;
    this.key = parts.key;
    this.engine = parts.engine;
    this.hostKeys = parts.hostKeys;
    this.home = join(parts.folder, "home");
    this.#folder = parts.folder;
    this.#options = parts.options;
  }

  get destination(): string {
    return `${this.user}@${this.address}:${this.port}`;
  }

  get knownHosts(): string {
    return Object.values(this.hostKeys)
      .map(({ publicKey }) => `[${this.address}]:${this.port} ${publicKey}\n`)
      .join("");
  }

  log(): string {
    return this.#log + (this.#server?.log() ?? "");
  }

  files(): readonly string[] {
    const below = (folder: string, shown: string) =>
      readdirSync(join(this.#folder, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(shown, entry.parentPath.slice(join(this.#folder, folder).length), entry.name));
    return [...below("home", "~"), ...below("tmp", "/tmp")].sort();
  }

  read(path: string): string {
    return readFileSync(path.replace(/^~/, this.home).replace(/^\/tmp/, join(this.#folder, "tmp")), "utf8");
  }

  commandLines(): string {
    return readFileSync(join(this.#folder, "trace"), "utf8");
  }

  fillHome(): void {
    if (this.#options.homeDisk === undefined) throw new Error("This would fill the disk of the machine.");
    spawnSync("dd", ["if=/dev/zero", `of=${join(this.home, "ballast")}`, "bs=4k"]);
  }

  async changeHostKeys(): Promise<void> {
    await this.shutDown();
    this.hostKeys = await makeHostKeys(this.#folder);
    await this.startUp();
  }

  async shutDown(): Promise<void> {
    this.#log = this.log();
    const server = this.#server;
    this.#server = null;
    await server?.stop();
  }

  async startUp(): Promise<void> {
    const { compose = "docker-compose", trace = false } = this.#options;
    this.#server = await startServer({
      command: "setpriv", // so that it ends also when this process is killed
      args: [
        ...[
          "--pdeathsig",
          "KILL",
          "unshare",
          "--mount",
          "--pid",
          "--fork",
          "--kill-child=SIGKILL",
          "--mount-proc",
        ],
        ...["sh", join(import.meta.dirname, "machine.sh")],
      ],
      env: {
        PATH: process.env.PATH,
        FOLDER: this.#folder,
        DOCKER_SOCKET: this.engine === null ? "" : socketOf(this.engine),
        COMPOSE_PLUGIN: compose === "plugin" ? composePlugin : "",
        HIDDEN: composePrograms
          .slice(compose === "docker-compose" ? 1 : 0)
          .filter((program) => existsSync(program))
          .join(" "),
        TRACE: trace ? join(this.#folder, "trace") : "",
      },
      ready: /Server listening on/,
      endWith: "SIGKILL", // unshare ignores SIGTERM
    });
  }

  async stop(): Promise<void> {
    await this.shutDown();
    await this.engine?.stop();
    remove(this.#folder, this.#options);
  }
}

function layOut(folder: string, { homeDisk }: SshHostOptions): void {
  chmodSync(folder, 0o755);
  for (const name of ["etc", "home", "tmp"]) mkdirSync(join(folder, name));
  if (homeDisk !== undefined) {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${homeDisk}m`, "tmpfs", join(folder, "home")]);
  }
  chownSync(join(folder, "home"), account.id, account.id);
  chmodSync(join(folder, "tmp"), 0o1777);
  writeFileSync(join(folder, "nothing"), "", { mode: 0o000 });
  const { user, id } = account;
  const add = (file: string, line: string) =>
    writeFileSync(join(folder, "etc", file), `${readFileSync(join("/etc", file), "utf8")}${line}\n`);
  add("passwd", `${user}:x:${id}:${id}::${join(folder, "home")}:/bin/sh`);
  add("group", `${user}:x:${id}:`);
  add("shadow", `${user}:*:19000:0:99999:7:::`);
}

function remove(folder: string, { homeDisk }: SshHostOptions): void {
  if (homeDisk !== undefined) execFileSync("umount", ["--lazy", join(folder, "home")]);
  rmSync(folder, { recursive: true, force: true });
}

async function makeHostKeys(folder: string): Promise<Readonly<Record<KeyType, KeyPair>>> {
  const file = (type: KeyType) => join(folder, `etc/host-key-${type}`);
  for (const type of keyTypes) rmSync(file(type), { force: true });
  const [ed25519, ecdsa, rsa] = await Promise.all(keyTypes.map((type) => makeKeyPair(file(type), type)));
  if (ed25519 === undefined || ecdsa === undefined || rsa === undefined) throw new Error("three types");
  return { ed25519, ecdsa, rsa };
}

function configure(folder: string, address: string): string {
  return [
    `ListenAddress ${address}:${port}`,
    ...keyTypes.map((type) => `HostKey ${join(folder, `etc/host-key-${type}`)}`),
    `AuthorizedKeysFile ${join(folder, "etc/authorized_keys")}`,
    "StrictModes no", // /var/tmp is everybody's
    "PidFile none",
    "UsePAM no",
    "UseDNS no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "LogLevel VERBOSE",
    "",
  ].join("\n");
}

function socketOf(engine: DockerEngine): string {
  return engine.host.slice("unix://".length);
}
