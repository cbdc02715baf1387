import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Files that are generated and committed, as they should be; a folder of theirs holds nothing else. */
interface GeneratedFiles {
  /** By path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly folders: readonly string[];
}

/** The paths that are not as they should be. Changes nothing. */
export async function findStale({ texts, folders }: GeneratedFiles): Promise<readonly string[]> {
  const stale: string[] = [];
  for (const [path, text] of texts)
    if ((await readFile(path, "utf8").catch(() => null)) !== text) stale.push(path);
  for (const folder of folders) {
    const present = await readdir(folder).catch(() => []);
    stale.push(...present.map((name) => `${folder}/${name}`).filter((path) => !texts.has(path)));
  }
  return stale;
}

/** Makes the stale ones as they should be, and leaves the others untouched. */
export async function bringUpToDate(files: GeneratedFiles): Promise<void> {
  for (const path of await findStale(files)) {
    const text = files.texts.get(path);
    if (text === undefined) {
      await rm(path);
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}
