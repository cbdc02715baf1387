import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { arch, platform } from "node:os";
import { join, relative } from "node:path";
import { renderCacheKey } from "./cache-key.ts";
import { copyTree, exists } from "./file-tree.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

interface Cache {
  readonly projectId: string;
  readonly key: string;
  readonly folder: string;
  readonly buildNumber: number;
  /** Relative to the job's own folder: the next job has another one, laid out the same way. */
  readonly paths: readonly string[];
}

/** The caches of a run. The first to write a key wins. */
export class CacheStore {
  readonly #root: string;
  readonly #caches: Cache[] = [];
  #count = 0;

  constructor(root: string) {
    this.#root = root;
  }

  nextFolder(): string {
    return join(this.#root, String(this.#count++));
  }

  has(projectId: string, key: string): boolean {
    return this.#caches.some((cache) => cache.projectId === projectId && cache.key === key);
  }

  /** Answers false when somebody else was first. */
  add(cache: Cache): boolean {
    if (this.has(cache.projectId, cache.key)) return false;
    this.#caches.push(cache);
    return true;
  }

  /** The newest cache whose key begins with this one, even where another matches it exactly. */
  find(projectId: string, prefix: string): Cache | undefined {
    return this.#caches.findLast((cache) => cache.projectId === projectId && cache.key.startsWith(prefix));
  }
}

export async function saveCache(
  context: NodeContext,
  step: { readonly key: string; readonly paths: readonly string[] },
  log: StepLog,
): Promise<void> {
  const { caches } = context.stores;
  const { project, number } = context.assignment;
  const key = fillKey(context, step.key);
  if (caches.has(project.id, key)) {
    log.line(`Skipping cache generation, cache already exists for key: ${key}`);
    return;
  }
  const folder = caches.nextFolder();
  const paths: string[] = [];
  for (const path of step.paths) {
    const source = resolveInJob(context.folder, path);
    if (await exists(source)) {
      const place = relative(context.folder.root, source);
      await copyTree(source, join(folder, place));
      paths.push(place);
    } else {
      log.line(`Warning: could not archive ${path} - Not found`);
    }
  }
  const stored = caches.add({ projectId: project.id, key, folder, buildNumber: number, paths });
  log.line(stored ? `Stored cache to key: ${key}` : `Cache already exists for key: ${key}`);
}

/** A miss is no failure: the job does the full work. */
export async function restoreCache(
  context: NodeContext,
  keys: readonly string[],
  log: StepLog,
): Promise<void> {
  for (const template of keys) {
    const key = fillKey(context, template);
    const cache = context.stores.caches.find(context.assignment.project.id, key);
    if (cache !== undefined) {
      log.line(`Found a cache from build ${cache.buildNumber} at ${cache.key}`);
      for (const path of cache.paths)
        await copyTree(join(cache.folder, path), join(context.folder.root, path));
      return;
    }
    log.line(`No cache is found for key: ${key}`);
  }
}

function fillKey(context: NodeContext, template: string): string {
  const { pipeline, number } = context.assignment;
  return renderCacheKey(template, {
    branch: pipeline.branch,
    revision: pipeline.revision,
    buildNumber: number,
    environment: context.keyEnvironment,
    now: context.clock.now(),
    architecture: `${platform()}-${{ x64: "amd64", ia32: "386" }[arch()] ?? arch()}`,
    checksum: (file) => hashFile(resolveInJob(context.folder, file)),
  });
}

function hashFile(path: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("base64");
  } catch (error) {
    throw new StepFailure(
      `error computing cache key: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
