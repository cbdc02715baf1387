import { accessSync, constants, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "./output-file.ts";
import { UsageError } from "./usage-error.ts";

export interface JobRoot {
  readonly path: string;
  /** Removes a folder that nobody named. */
  remove(): void;
}

/** Where the jobs of a run live: the named folder, or a fresh one below the system's for temporary files. */
export function makeJobRoot(named: string | undefined): JobRoot {
  if (named !== undefined) {
    try {
      makeFolder(resolve(named));
      accessSync(named, constants.W_OK);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--out ${named} cannot be used: ${reason}`, "--out with a folder of yours");
    }
    return { path: realpathSync(named), remove: () => {} };
  }
  const path = realpathSync(mkdtempSync(join(tmpdir(), "circleback-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
