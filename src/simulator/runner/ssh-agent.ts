import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

export interface SshAgent {
  /** For SSH_AUTH_SOCK. */
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts a key agent of a job's own, empty at first. */
export async function startSshAgent(): Promise<SshAgent> {
  // Not in the job's folder: the path of a socket may have no more than about a hundred characters.
  const folder = await mkdtemp("/tmp/circleback-agent-");
  const socket = join(folder, "socket");
  const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve()); // it says where it listens
      child.on("error", reject);
      child.on("close", (code) => reject(new Error(`it ended with ${code}`)));
    });
  } catch (error) {
    await stop();
    throw new Error("A job that adds SSH keys needs OpenSSH's ssh-agent, which cannot be started.", {
      cause: error,
    });
  }
  return { socket, stop };
}
