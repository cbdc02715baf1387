import { type ChildProcess, spawn } from "node:child_process";

export interface ServerProcess {
  readonly pid: number;
  /** What `ready` has matched. */
  readonly match: RegExpExecArray;
  /** Everything it has printed so far, both streams. */
  log(): string;
  /** Ends it, and waits until it is gone. */
  stop(): Promise<void>;
}

interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Appears in what it prints as soon as it can be used. */
  readonly ready: RegExp;
  /** For a program that does not end at SIGTERM. */
  readonly endWith?: NodeJS.Signals;
}

const patience = 60_000;
const grace = 10_000;

const running = new Map<ChildProcess, NodeJS.Signals>();
process.on("exit", () => {
  for (const [child, signal] of running) child.kill(signal);
});

/** Starts a foreign server and waits until it says that it is ready; rejects with what it printed when it ends. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { command, args, env, ready, endWith = "SIGTERM" } = options;
  const child = spawn(command, args, { env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
  running.set(child, endWith);
  let printed = "";
  const gone = new Promise<void>((resolve) => child.on("close", () => resolve()));
  void gone.then(() => running.delete(child));
  const match = await new Promise<RegExpExecArray>((resolve, reject) => {
    const refuse = (why: string) => reject(new Error(`${command} ${why}:\n${printed}`));
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      refuse(`was not ready after ${patience / 1000} s`);
    }, patience);
    const read = (chunk: Buffer) => {
      printed += String(chunk);
      const found = ready.exec(printed);
      if (found === null) return;
      clearTimeout(limit);
      resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", ({ message }) => refuse(message));
    child.on("close", (code) => {
      clearTimeout(limit);
      refuse(`ended with ${code}`);
    });
  });
  return {
    pid: child.pid ?? 0,
    match,
    log: () => printed,
    async stop() {
      child.kill(endWith);
      const kill = setTimeout(() => child.kill("SIGKILL"), grace);
      await gone;
      clearTimeout(kill);
    },
  };
}
