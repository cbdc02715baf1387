import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./run.ts";
import { startServer } from "./server-process.ts";
import { findProgram } from "./toolbox.ts";

/** A real Docker engine of the caller's own, with its data, its socket and its processes; several may run at once. */
export interface DockerEngine {
  /** For `DOCKER_HOST`. */
  readonly host: string;
  /** What a `docker` client needs to find this engine, and nothing of the user's settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the client, and answers what it prints; rejects with its last words. */
  docker(args: readonly string[], input?: string | Buffer): Promise<string>;
  log(): string;
  /** Ends it as a machine does that restarts it: containers are stopped, and nobody answers at its socket. */
  shutDown(): Promise<void>;
  startUp(): Promise<void>;
  stop(): Promise<void>;
}

interface EngineOptions {
  /** The most that the engine's data may take, in MiB; no limit where it is left out. */
  readonly disk?: number;
  /** Where ports of its containers are published that name no address; every address of this machine otherwise. */
  readonly publishAt?: string;
  /** `127.0.0.1:40123`: a registry for all to read that it asks in the place of Docker Hub. */
  readonly hub?: string;
  /** Number of the group that may use the socket; only root otherwise. */
  readonly group?: number;
}

/** The base image of tests: busybox at /bin/busybox, and /bin/sh. */
export const baseImage = "busybox:stable";

/** Why no engine can be started here, or null. */
export function engineObstacle(): string | null {
  if (process.platform !== "linux") return "it runs on Linux only";
  if (process.getuid?.() !== 0) return "it must be started as root";
  const missing = ["dockerd", "docker", "busybox", "ip"].filter((name) => findProgram(name) === null);
  return missing.length === 0 ? null : `${missing.join(", ")} not on PATH`;
}

/** Its containers reach one another and this machine, and nothing beyond. */
export async function startDockerEngine(options: EngineOptions = {}): Promise<DockerEngine> {
  const { disk, publishAt, hub, group } = options;
  const folder = mkdtempSync(join(tmpdir(), "circleback-docker-"));
  const [data, runtime, socket, config] = ["data", "exec", "socket/docker.sock", "config"].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  for (const path of [data, config, dirname(socket)]) mkdirSync(path);
  writeFileSync(join(folder, "daemon.json"), "{}"); // not the machine's
  const bridge = `cb${randomBytes(4).toString("hex")}`;
  const remove = () => {
    spawnSync("ip", ["link", "delete", bridge]);
    // The engine leaves mounts behind: the name space of its network, and layers when it was killed.
    for (const mount of mountsBelow(folder)) execFileSync("umount", ["--lazy", mount]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    if (disk !== undefined) execFileSync("mount", ["-t", "tmpfs", "-o", `size=${disk}m`, "tmpfs", data]);
    // With `--bridge=none`, BuildKit can run nothing.
    execFileSync("ip", ["link", "add", bridge, "type", "bridge"]);
    execFileSync("ip", ["address", "add", freeAddress(), "dev", bridge]);
    execFileSync("ip", ["link", "set", bridge, "up"]);
    const start = () =>
      startServer({
        command: "dockerd",
        args: [
          ...["--data-root", data, "--exec-root", runtime, "--pidfile", join(folder, "pid")],
          ...["--host", `unix://${socket}`, "--config-file", join(folder, "daemon.json")],
          ...["--storage-driver=vfs", `--bridge=${bridge}`, "--iptables=false", "--ip-forward=false"],
          ...(publishAt === undefined ? [] : ["--ip", publishAt]),
          ...(hub === undefined ? [] : ["--registry-mirror", `http://${hub}`]),
          ...(group === undefined ? [] : ["--group", String(group)]),
        ],
        env: { ...process.env, DOCKER_TMPDIR: undefined },
        ready: /API listen on/,
      });
    let server = await start();
    const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: config };
    const engine: DockerEngine = {
      host: env.DOCKER_HOST,
      env,
      async docker(args, input) {
        const { exitCode, stdout, output } = await run("docker", args, {
          env: { PATH: process.env.PATH, ...env },
          ...(input !== undefined && { input }),
        });
        if (exitCode !== 0) throw new Error(output.trim());
        return stdout;
      },
      log: () => server.log(),
      shutDown: () => server.stop(),
      async startUp() {
        server = await start();
      },
      async stop() {
        await server.stop();
        remove();
      },
    };
    await importBaseImage(engine, folder);
    return engine;
  } catch (error) {
    remove();
    throw error;
  }
}

/** Two networks with the same addresses would take each other's connections. */
function freeAddress(): string {
  const taken = execFileSync("ip", ["-4", "-oneline", "address"], { encoding: "utf8" });
  const address = `10.213.${randomInt(1, 255)}.1/24`;
  return taken.includes(` ${address} `) ? freeAddress() : address;
}

/** From the machine's own static busybox: nothing is downloaded. */
async function importBaseImage(engine: DockerEngine, folder: string): Promise<void> {
  const root = join(folder, "root");
  mkdirSync(join(root, "bin"), { recursive: true });
  mkdirSync(join(root, "tmp"));
  cpSync(findProgram("busybox") ?? "", join(root, "bin/busybox"), { dereference: true });
  symlinkSync("busybox", join(root, "bin/sh"));
  const archive = execFileSync("tar", ["-C", root, "-c", "."], { maxBuffer: 64 * 2 ** 20 });
  await engine.docker(["import", "-", baseImage], archive);
  rmSync(root, { recursive: true });
}

/** The innermost first. */
function mountsBelow(folder: string): readonly string[] {
  const mounts = execFileSync("cat", ["/proc/self/mounts"], { encoding: "utf8" });
  return mounts
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((target) => target.startsWith(`${folder}/`))
    .reverse();
}
