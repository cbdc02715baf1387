import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { afterAll } from "vitest";
import { bundleCommand } from "../../scripts/bundle.ts";
import { loadDefinitions } from "../../scripts/definitions.ts";
import { packOrb } from "../../scripts/pack.ts";

/** Everything here is built from the sources of this moment: a build that is out of date cannot pass a test. */

const folder = mkdtempSync(join(tmpdir(), "circleback-bundle-"));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const bundles = new Map<string, Promise<string>>();
let orb: Promise<string> | null = null;

/** The file of a command's program, built on the first call. */
export function bundleFile(command: string): Promise<string> {
  const file = bundles.get(command) ?? writeBundle(command, join(folder, `${command}.cjs`));
  bundles.set(command, file);
  return file;
}

/** The file of the packed orb, with all programs in it, built on the first call. */
export function packedOrb(): Promise<string> {
  orb ??= writeOrb("orb");
  return orb;
}

/** The same for an orb that is built otherwise; `name` tells it from others of the file. */
export function packedOrbWith(plugin: Plugin, name: string): Promise<string> {
  return writeOrb(name, [plugin]);
}

async function writeBundle(command: string, file: string, plugins: readonly Plugin[] = []): Promise<string> {
  const program = await bundleCommand(command, plugins);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, program);
  return file;
}

async function writeOrb(title: string, plugins: readonly Plugin[] = []): Promise<string> {
  const source = join(folder, title);
  cpSync(fileURLToPath(new URL("../../orb", import.meta.url)), source, { recursive: true });
  for (const { name } of await loadDefinitions()) {
    await writeBundle(name, join(source, "scripts", `${name}.cjs`), plugins);
  }
  const file = join(folder, `${title}.yml`);
  writeFileSync(file, await packOrb(source));
  return file;
}

export interface BundleResult {
  readonly exitCode: number | null;
  /** Of the error that ended the program, as it stands behind the message: `parameter.invalid`. */
  readonly errorCode: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningBundle {
  readonly child: ChildProcess;
  /** Resolves as soon as this text is on either output; rejects when the program ends without it. */
  untilItSays(words: string): Promise<void>;
  readonly result: Promise<BundleResult>;
}

/** Starts a command's program with nothing but these environment variables; `tracer` is put in front of its argv. */
export async function startBundle(
  command: string,
  env: Readonly<Record<string, string>>,
  directory: string,
  tracer: readonly string[] = [],
): Promise<RunningBundle> {
  const [program = "", ...args] = [...tracer, process.execPath, await bundleFile(command)];
  const child = spawn(program, args, {
    cwd: directory,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { stdout, stderr } = child;
  running.add(child);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      running.delete(child);
      resolve(exitCode);
    });
  });
  const result = Promise.all([ended, text(stdout), text(stderr)]).then(([exitCode, out, err]) => ({
    exitCode,
    errorCode: /^Error: .*? \((\w+\.[\w-]+)\)$/ms.exec(err)?.[1] ?? null,
    stdout: out,
    stderr: err,
  }));
  return {
    child,
    result,
    untilItSays: (words) =>
      new Promise((resolve, reject) => {
        for (const output of [stdout, stderr]) {
          let said = "";
          output.on("data", (chunk) => {
            said += String(chunk);
            if (said.includes(words)) resolve();
          });
        }
        child.on("close", () => reject(new Error(`The program ended without saying "${words}".`)));
      }),
  };
}

export async function runBundle(
  command: string,
  env: Readonly<Record<string, string>>,
  directory: string,
): Promise<BundleResult> {
  return (await startBundle(command, env, directory)).result;
}
