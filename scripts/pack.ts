import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";

/**
 * The orb in one document, as `circleci orb pack` makes it: `@orb.yml` at the root, each folder a key, each
 * file in it an entry, and a value that is `<<include(path)>>` replaced by that file, with `<<` in it escaped.
 */
export async function packOrb(folder: string): Promise<string> {
  const root: Record<string, unknown> = parse(await readFile(join(folder, "@orb.yml"), "utf8"));
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort(byName)) {
    if (!entry.isDirectory()) continue;
    const files = (await readdir(join(folder, entry.name))).filter((file) => file.endsWith(".yml")).sort();
    if (files.length === 0) continue;
    const components = files.map(async (file) => {
      const component = parse(await readFile(join(folder, entry.name, file), "utf8"));
      const isCode = ["commands", "executors", "jobs"].includes(entry.name);
      return [
        basename(file, ".yml"),
        isCode ? await include(component, folder) : packExample(component),
      ] as const;
    });
    root[entry.name] = Object.fromEntries(await Promise.all(components));
  }
  return stringify(root, { lineWidth: 0 });
}

/** Of an example's configuration CircleCI's program keeps these keys only, and the version as text. */
function packExample(example: { readonly description: string; readonly usage: Record<string, unknown> }) {
  const kept = ["setup", "orbs", "jobs", "workflows"].filter((key) => key in example.usage);
  const usage = {
    version: String(example.usage.version),
    ...Object.fromEntries(kept.map((key) => [key, example.usage[key]])),
  };
  return { description: example.description, usage };
}

async function include(value: unknown, folder: string): Promise<unknown> {
  if (typeof value === "string") {
    const [, path] = /^<<\s*include\(([-\w/.]+)\)\s*>>$/.exec(value.trim()) ?? [];
    if (path === undefined) return value;
    return (await readFile(join(folder, path), "utf8")).replaceAll("<<", "\\<<");
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => include(item, folder)));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    async ([key, item]) => [key, await include(item, folder)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
