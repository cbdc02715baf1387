import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
} from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Copies a file or folder to `target` with modes, times and symbolic links as they are; `skip` names what to leave out.
 * Node's own `cp` refuses a target inside the source, even where the filter leaves it out.
 */
export async function copyTree(source: string, target: string, skip: readonly string[] = []): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await copyEntry(source, target, skip);
}

async function copyEntry(source: string, target: string, skip: readonly string[]): Promise<void> {
  if (skip.includes(source)) return;
  const entry = await lstat(source);
  if (entry.isDirectory()) {
    await mkdir(target, { recursive: true });
    for (const name of await readdir(source)) await copyEntry(join(source, name), join(target, name), skip);
    await chmod(target, entry.mode);
  } else if (entry.isSymbolicLink()) {
    await rm(target, { force: true });
    await symlink(await readlink(source), target);
  } else if (entry.isFile()) {
    await rm(target, { force: true });
    await copyFile(source, target);
    await utimes(target, entry.atime, entry.mtime);
  }
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
