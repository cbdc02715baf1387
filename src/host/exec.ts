import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { Exec } from "./host.ts";

/** What is kept of an output, in characters. */
const kept = 65_536;

/** How long a program may take to end on TERM, and how long what it leaves running may hold on to its outputs, in milliseconds. */
const grace = 5_000;
const lingering = 1_000;

/** The real `exec`. Where it is told to stop, it leaves nothing of the program's process group behind. */
export const exec: Exec = ([program, ...args], { env, input, signal, onLine = () => {} }) =>
  new Promise((resolve, reject) => {
    // A group of its own: Docker's plug-ins are processes of their own, and older clients pass no signal on to them.
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const output = keepEnd();
    const stdout = keepEnd();
    const outLines = splitLines(onLine);
    const errLines = splitLines(onLine);
    child.stdout.on("data", (chunk: Buffer) => {
      const text = outLines.take(chunk);
      output.add(text);
      stdout.add(text);
    });
    child.stderr.on("data", (chunk: Buffer) => output.add(errLines.take(chunk)));
    child.stdin.on("error", () => {}); // a program need not read what it is given
    child.stdin.end(input ?? "");

    let killing: NodeJS.Timeout | undefined;
    const stop = () => {
      signalGroup(child, "SIGTERM");
      killing = setTimeout(() => signalGroup(child, "SIGKILL"), grace);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop);
    const end = () => {
      clearTimeout(killing);
      signal?.removeEventListener("abort", stop);
    };
    child.on("error", (error) => {
      end();
      if ("code" in error && error.code === "ENOENT") resolve(null);
      else reject(error);
    });
    child.on("exit", () => {
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, lingering).unref();
    });
    child.on("close", (exitCode) => {
      if (killing !== undefined) signalGroup(child, "SIGKILL"); // the program heeds TERM, what it started may not
      end();
      outLines.flush();
      errLines.flush();
      resolve({ exitCode, output: output.text(), stdout: stdout.text() });
    });
  });

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Whole lines alone: the rest of one that is cut might be the rest of a secret, which nothing would hide. */
function keepEnd() {
  let end = "";
  let isCut = false;
  return {
    add(text: string): void {
      end += text;
      if (end.length > kept) {
        end = end.slice(-kept - 1);
        isCut = true;
      }
      if (!isCut) return;
      const next = end.search(/[\r\n]/) + 1;
      isCut = next === 0;
      end = isCut ? "" : end.slice(next);
    },
    text: () => end,
  };
}

/** Progress bars end their lines with a carriage return. */
function splitLines(onLine: (line: string) => void) {
  const decoder = new StringDecoder("utf8");
  let begun: string[] = []; // of a line: to search it anew with each chunk would take ages for a long one
  let mayEnd = ""; // a carriage return that a line feed may follow
  return {
    take(chunk: Buffer): string {
      const text = decoder.write(chunk);
      const lines = (mayEnd + text).split(/\r\n|\n|\r(?!$)/);
      const last = lines.pop() ?? "";
      for (const line of lines) {
        onLine(begun.join("") + line);
        begun = [];
      }
      mayEnd = last.endsWith("\r") ? "\r" : "";
      begun.push(last.slice(0, last.length - mayEnd.length));
      return text;
    },
    flush(): void {
      const rest = begun.join("").trimEnd();
      if (rest !== "") onLine(rest);
    },
  };
}
