import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Files } from "./host.ts";

/** The real files. */
export const files: Files = {
  async read(path) {
    return (await unlessMissing(readFile(path, "utf8"))) ?? null;
  },
  async write(path, text, options) {
    await mkdir(dirname(path), { recursive: true });
    const beside = `${path}.${process.pid}.tmp`;
    try {
      await writeFile(beside, text, options);
      await rename(beside, path);
    } catch (error) {
      await rm(beside, { force: true }).catch(() => {});
      throw error;
    }
  },
  async append(path, text) {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, text);
  },
  async remove(path) {
    await rm(path, { force: true });
  },
  async move(from, to) {
    try {
      await rename(from, to);
    } catch (error) {
      if (codeOf(error) !== "EXDEV") throw error;
      await cp(from, to, {
        recursive: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        errorOnExist: true,
        force: false,
      });
      await rm(from, { recursive: true });
    }
  },
  makePrivateFolder: () => mkdtemp(join(tmpdir(), "circleback-")), // which makes it with mode 0700
  list: async (folder) => (await unlessMissing(readdir(folder))) ?? [],
  resolve: async (path) => (await unlessMissing(realpath(path))) ?? null,
  link: (target, path) => symlink(resolve(target), path),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
};

/** Nothing is there, a file stands where a folder should, or a folder where a file should. */
const missing = ["ENOENT", "ENOTDIR", "EISDIR"];

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (missing.includes(codeOf(error))) return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
