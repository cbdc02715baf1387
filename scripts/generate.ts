import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CommandDefinition } from "../src/orb/define-command.ts";
import { loadDefinitions } from "./definitions.ts";
import { bringUpToDate, findStale } from "./generated-files.ts";
import { isJob, renderCommand, renderJob } from "./orb-components.ts";
import { updateReference } from "./reference.ts";

/**
 * Writes everything that is generated and committed, so that a change of the public interface shows as a diff.
 * With `--check` it writes nothing, and fails where that would change anything.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const definitions = await loadDefinitions();
const [commands, jobs, readme] = [`${root}orb/commands`, `${root}orb/jobs`, `${root}README.md`];

const files = {
  texts: new Map([
    ...renderAll(commands, definitions, renderCommand),
    ...renderAll(jobs, definitions.filter(isJob), renderJob),
    [readme, updateReference(await readFile(readme, "utf8"), definitions)] as const,
  ]),
  folders: [commands, jobs],
};

if (process.argv.includes("--check")) {
  const stale = await findStale(files);
  if (stale.length > 0) {
    const names = stale.map((path) => path.replace(root, "")).join("\n");
    console.error(
      `Generated files are not in step with src/commands, \`npm run fix\` writes them:\n${names}`,
    );
    process.exitCode = 1;
  }
} else await bringUpToDate(files);

function renderAll<D extends CommandDefinition>(
  folder: string,
  components: readonly D[],
  renderOne: (definition: D) => string,
): readonly (readonly [string, string])[] {
  return components.map((definition) => [`${folder}/${definition.name}.yml`, renderOne(definition)] as const);
}
