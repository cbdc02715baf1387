import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { makeFolder } from "./folders.ts";
import { available } from "./require.ts";
import { run } from "./run.ts";

const program = join(cacheFolder, "bin", "language-server-check");

export interface Diagnostic {
  readonly severity: "error" | "warning" | "information" | "hint";
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** To be called where tests are declared. */
export function hasLanguageServer(): boolean {
  return available("language-server", () => (existsSync(program) ? null : `${program} is missing`));
}

/** What CircleCI's language server says about documents (see test/language-server), by their names. */
export async function diagnose(
  documents: Readonly<Record<string, string>>,
  orbs: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, readonly Diagnostic[]>>> {
  const folder = makeFolder();
  const { exitCode, stdout, output } = await run(program, [], {
    env: { HOME: folder, XDG_CACHE_HOME: folder },
    input: JSON.stringify({ documents, orbs }),
  });
  if (exitCode !== 0) throw new Error(`${program} ended with ${exitCode}: ${output}`);
  return JSON.parse(stdout) as Record<string, Diagnostic[]>;
}
