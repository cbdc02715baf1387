import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** Runs a program to its end; both of its outputs come as one text. */
export async function run(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly input?: string | Buffer;
    /** Called as it comes. */
    readonly onOutput?: (text: string) => void;
  },
): Promise<{ readonly exitCode: number | null; readonly output: string; readonly stdout: string }> {
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: "pipe" });
  child.stdin.on("error", () => {}); // a program need not read what it is given
  child.stdin.end(options.input ?? "");
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => options.onOutput?.(String(chunk)));
  }
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, output: stdout + stderr };
}
