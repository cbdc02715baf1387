import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobFolder } from "./job-folder.ts";

/** Puts `circleci-agent step halt` on the job's PATH (configuration-reference.adoc, ending a job from within a step). */
export async function installAgent(folder: JobFolder): Promise<void> {
  const script = `#!/bin/sh
if [ "$*" = "step halt" ]; then
  : > '${folder.halt.replaceAll("'", "'\\''")}'
else
  echo "The simulator's circleci-agent knows only: step halt" >&2
  exit 1
fi
`;
  await mkdir(folder.tools, { recursive: true });
  await writeFile(join(folder.tools, "circleci-agent"), script, { mode: 0o755 });
}
