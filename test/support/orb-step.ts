import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Shell } from "./shells.ts";

const scripts = join(import.meta.dirname, "../../orb/scripts");
export const runScript = readFileSync(join(scripts, "run.sh"), "utf8");
export const installNodeScript = readFileSync(join(scripts, "install-node.sh"), "utf8");

export interface StepResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine's disk for steps: a home and a folder for temporary files, both empty at first. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "orb-step-"));
  readonly home = join(this.folder, "home");
  readonly temporary: string;

  constructor(temporary = "tmp") {
    this.temporary = join(this.folder, temporary);
    mkdirSync(this.home);
    mkdirSync(this.temporary);
  }

  /** Every file left behind, in the home and among the temporary files. */
  leftovers(): string[] {
    return [this.home, this.temporary].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join(entry.parentPath, entry.name).slice(this.folder.length + 1)),
    );
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts run.sh the way CircleCI starts the command of an orb step. An `undefined` in `env` removes it. */
export function startStep(
  shell: Shell,
  sandbox: Sandbox,
  program: string,
  env: Readonly<Record<string, string | undefined>> = {},
): { readonly child: ChildProcess; readonly stdout: Readable; readonly result: Promise<StepResult> } {
  const [file, ...args] = shell.argv;
  // A file: with a socket as standard input, bash believes that it serves a remote shell and reads ~/.bashrc.
  const input = join(sandbox.folder, "standard-input");
  writeFileSync(input, "this is not for the program\n");
  const inputFile = openSync(input, "r");
  const child = spawn(file, [...args, runScript], {
    cwd: sandbox.folder,
    stdio: [inputFile, "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: sandbox.home,
      TMPDIR: sandbox.temporary,
      CIRCLEBACK_PROGRAM: program,
      CIRCLEBACK_INSTALL_NODE_SCRIPT: installNodeScript,
      CIRCLEBACK_PARAM_INSTALL_NODE: "1",
      ...env,
    },
  });
  closeSync(inputFile);
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("a step's output is piped");
  const ended = new Promise<Pick<StepResult, "code" | "signal">>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
  const result = Promise.all([ended, text(stdout), text(stderr)]).then(([end, out, err]) => ({
    ...end,
    stdout: out,
    stderr: err,
  }));
  return { child, stdout, result };
}

export function runStep(...step: Parameters<typeof startStep>): Promise<StepResult> {
  return startStep(...step).result;
}
