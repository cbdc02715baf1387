import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { copyTree, listNames } from "./file-tree.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

/**
 * A copy of the project's folder takes the place of a clone. Its `.git` stays behind, so that no job can push
 * to the remote of whoever runs the simulator; the copy is a repository of its own, without history.
 */
export async function checkOut(context: NodeContext, path: string | null, log: StepLog): Promise<void> {
  const target = resolveInJob(context.folder, path ?? ".");
  const names = (await listNames(target)) ?? [];
  if (names.length > 0 && !names.includes(".git")) {
    throw new StepFailure(
      `Directory (${target}) you are trying to checkout to is not empty and not a git repository`,
    );
  }
  await mkdir(target, { recursive: true });
  await copyTree(context.source, target, [context.runRoot, join(context.source, ".git")]);
  await startRepository(context, target);
  log.line(`Checked out ${context.assignment.pipeline.revision} from ${context.source}`);
}

async function startRepository(context: NodeContext, target: string): Promise<void> {
  const environment = { PATH: context.environment.PATH, HOME: context.folder.home };
  const options = { cwd: target, env: environment };
  try {
    await promisify(execFile)("git", ["init", "--quiet", "--template="], options);
  } catch (error) {
    // Without git on the machine no step can ask for the repository either: the folder alone marks the checkout.
    if (!isNodeError(error) || error.code !== "ENOENT") throw error;
    await mkdir(join(target, ".git"), { recursive: true });
  }
  const branch = context.assignment.pipeline.branch ?? "main";
  await writeFile(join(target, ".git", "HEAD"), `ref: refs/heads/${branch}\n`);
}

function isNodeError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error;
}
