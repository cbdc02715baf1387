import { cp, lstat, mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Copies a file or folder to `target` with modes and symbolic links as they are; `skip` names folders to leave out. */
export async function copyTree(source: string, target: string, skip: readonly string[] = []): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await cp(source, target, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: (path) => !skip.includes(path),
  });
}

/** Everything below a folder that is no folder itself, sorted, relative to it; a file stands for itself as "". */
export async function listFiles(path: string): Promise<readonly string[]> {
  if (!(await lstat(path)).isDirectory()) return [""];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** The names in a folder, or null where there is no folder. */
export async function listNames(path: string): Promise<readonly string[] | null> {
  return readdir(path).then(
    (names) => names.sort(),
    () => null,
  );
}
