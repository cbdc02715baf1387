import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { loadDefinitions } from "./definitions.ts";
import { renderCommand, renderJob } from "./orb-components.ts";
import { updateReference } from "./reference.ts";

/**
 * Writes everything that is generated and committed, so that a change of the public interface shows as a diff.
 * With `--check` it fails where that changes anything.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const definitions = await loadDefinitions();

await writeFolder("commands", renderCommand);
await writeFolder("jobs", renderJob);
await writeFile(`${root}README.md`, updateReference(await readFile(`${root}README.md`, "utf8"), definitions));
if (process.argv.includes("--check")) checkForDrift();

async function writeFolder(name: string, renderOne: typeof renderCommand): Promise<void> {
  const folder = `${root}orb/${name}`;
  await mkdir(folder, { recursive: true });
  const wanted = new Map(definitions.map((definition) => [`${definition.name}.yml`, renderOne(definition)]));
  for (const file of await readdir(folder)) if (!wanted.has(file)) await rm(`${folder}/${file}`);
  for (const [file, text] of wanted) await writeFile(`${folder}/${file}`, text);
}

function checkForDrift(): void {
  const drift = execFileSync("git", ["status", "--porcelain", "orb/commands", "orb/jobs", "README.md"], {
    cwd: root,
    encoding: "utf8",
  });
  if (drift === "") return;
  console.error(`Generated files were not in step with src/commands; they are now, commit them:\n${drift}`);
  process.exitCode = 1;
}
