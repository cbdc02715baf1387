import { readFileSync } from "node:fs";
import { UsageError } from "./usage-error.ts";

/** The texts of orbs by their reference, from options of the form `NAME=FILE`. */
export function readOrbs(pairs: readonly string[]): ReadonlyMap<string, string> {
  const orbs = pairs.map((pair) => splitPair("--orb NAME=FILE", pair));
  return new Map(orbs.map(([reference, path]) => [reference, readText(path)]));
}

export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new UsageError(
      `${file} cannot be read (${reason}).`,
      `a path that exists, relative to ${process.cwd()}`,
    );
  }
}

/** Splits at the last `=` where the second half is a file, and at the first one where it is any text. */
export function splitPair(form: string, pair: string): readonly [string, string] {
  const at = form.startsWith("--orb") ? pair.lastIndexOf("=") : pair.indexOf("=");
  if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new UsageError(
    `${JSON.stringify(pair)} is not of the form ${form}.`,
    "circleback simulate compile --help",
  );
}
