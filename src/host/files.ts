import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Files } from "./host.ts";

/** The real files. */
export const files: Files = {
  async read(path) {
    return (await unlessMissing(readFile(path, "utf8"))) ?? null;
  },
  async write(path, text, options) {
    await mkdir(dirname(path), { recursive: true });
    const beside = `${path}.${process.pid}.tmp`;
    await writeFile(beside, text, options);
    await rename(beside, path);
  },
  append: (path, text) => appendFile(path, text),
  async remove(path) {
    await rm(path, { force: true });
  },
  makePrivateFolder: () => mkdtemp(join(tmpdir(), "circleback-")), // which makes it with mode 0700
  list: async (folder) => (await unlessMissing(readdir(folder))) ?? [],
  link: (target, path) => symlink(target, path),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
};

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
