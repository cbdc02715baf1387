import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CommandDefinition } from "../src/orb/define-command.ts";
import { loadDefinitions } from "./definitions.ts";
import { isJob, renderCommand, renderJob } from "./orb-components.ts";
import { updateReference } from "./reference.ts";

/**
 * Writes everything that is generated and committed, so that a change of the public interface shows as a diff.
 * With `--check` it fails where that changes anything.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const definitions = await loadDefinitions();

await writeFolder("commands", definitions, renderCommand);
await writeFolder("jobs", definitions.filter(isJob), renderJob);
await writeFile(`${root}README.md`, updateReference(await readFile(`${root}README.md`, "utf8"), definitions));
if (process.argv.includes("--check")) checkForDrift();

async function writeFolder<D extends CommandDefinition>(
  name: string,
  components: readonly D[],
  renderOne: (definition: D) => string,
): Promise<void> {
  const folder = `${root}orb/${name}`;
  await mkdir(folder, { recursive: true });
  const wanted = new Map(components.map((definition) => [`${definition.name}.yml`, renderOne(definition)]));
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
