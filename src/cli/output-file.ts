import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "./usage-error.ts";

export interface OutputFile {
  /** Absolute. */
  readonly path: string;
  write(text: string): void;
}

/** Makes sure, before anything runs, that a file can be written. Throws `UsageError` where it cannot. */
export function openOutputFile(option: string, file: string): OutputFile {
  const path = resolve(file);
  try {
    makeFolder(dirname(path));
    closeSync(openSync(path, "a"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `--${option} ${file} cannot be written: ${reason}`,
      `--${option} with a file in a folder of yours`,
    );
  }
  return { path, write: (text) => writeFileSync(path, text) };
}

/** Node's own recursion never ends where a file system refuses the first step, as /proc does. */
export function makeFolder(path: string): void {
  if (existsSync(path) || dirname(path) === path) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
