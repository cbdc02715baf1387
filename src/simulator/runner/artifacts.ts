import { stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { copyTree, exists, listFiles } from "./file-tree.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import type { StepLog } from "./step-log.ts";

/** Where artifacts are kept. A path that a node stores again is overwritten, and not announced again. */
export class ArtifactStore {
  readonly #root: string;
  readonly #announced = new Set<string>();

  constructor(root: string) {
    this.#root = root;
  }

  fileFor(jobId: string, node: number, path: string): string {
    return join(this.#root, jobId, String(node), path);
  }

  isNew(file: string): boolean {
    const isNew = !this.#announced.has(file);
    this.#announced.add(file);
    return isNew;
  }
}

export async function storeArtifacts(
  context: NodeContext,
  step: { readonly path: string; readonly destination: string | null },
  log: StepLog,
): Promise<void> {
  const source = resolveInJob(context.folder, step.path);
  const prefix = prefixOf(step.destination ?? step.path);
  log.line(`Uploading ${source} to ${prefix}`);
  const files = (await exists(source)) ? await listFiles(source) : [];
  if (files.length === 0) log.line(`  No artifact files found at ${source}`);
  for (const name of files) {
    const path = posix.join(prefix, name) === "." ? basename(source) : posix.join(prefix, name);
    await storeOne(context, join(source, name), path, log);
  }
}

/** What the API lists in front of each file: without leading slashes, and never upwards. */
function prefixOf(destination: string): string {
  return posix.relative("/", posix.join("/", destination));
}

async function storeOne(context: NodeContext, source: string, path: string, log: StepLog): Promise<void> {
  const { assignment, node, stores, listener } = context;
  if (!(await isPlainFile(source))) {
    log.line(`  Skipped ${path}: not a file`);
    return;
  }
  const file = stores.artifacts.fileFor(assignment.id, node, path);
  await copyTree(source, file);
  log.line(`  ${path}`);
  if (stores.artifacts.isNew(file)) listener.artifact({ path, file });
}

async function isPlainFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
