import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { available } from "./require.ts";

export function findProgram(name: string): string | null {
  const candidates = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}

export function hasPrograms(...names: readonly string[]): boolean {
  const isThere = (name: string) =>
    available(name, () => (findProgram(name) === null ? `${name} is not on PATH` : null));
  return names.map(isThere).every(Boolean);
}

/** What install-node.sh and run.sh call, apart from a program for downloads and one for sums. */
const basics = ["sh", "mktemp", "rm", "mkdir", "mv", "uname", "date", "sleep", "timeout", "tar", "gzip"];

/** A folder for PATH with the basic programs and those named, and without Node. */
export function makeToolbox(
  folder: string,
  names: readonly string[],
  find: (name: string) => string | null = findProgram,
): string {
  mkdirSync(folder, { recursive: true });
  for (const name of [...basics, ...names]) {
    const path = find(name);
    if (path !== null) symlinkSync(path, join(folder, name));
  }
  return folder;
}

export function addScript(folder: string, name: string, body: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(folder, name), 0o755);
}
