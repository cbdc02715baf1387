import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface JobRoot {
  readonly path: string;
  /** Removes a folder that nobody named. */
  remove(): void;
}

/** Where the jobs of a run live: the named folder, or a fresh one below the system's for temporary files. */
export function makeJobRoot(named: string | undefined): JobRoot {
  if (named !== undefined) {
    mkdirSync(named, { recursive: true });
    return { path: realpathSync(named), remove: () => {} };
  }
  const path = realpathSync(mkdtempSync(join(tmpdir(), "circleback-")));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
