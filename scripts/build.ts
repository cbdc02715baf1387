import { chmod, mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleBudget, bundleCli, bundleCommand } from "./bundle.ts";
import { loadDefinitions } from "./definitions.ts";
import { packOrb } from "./pack.ts";

/** Builds what is shipped: `dist/orb.yml`, and `dist/circleback.js`, the command line program. */

const say = process.argv.includes("--quiet") ? () => {} : console.log;

const root = fileURLToPath(new URL("../", import.meta.url));
await mkdir(`${root}dist`, { recursive: true });

for (const { name } of await loadDefinitions()) {
  const program = await bundleCommand(name);
  await writeFile(`${root}orb/scripts/${name}.cjs`, program);
  say(`${name}: ${program.length} bytes of ${bundleBudget}`);
}

const orb = await packOrb(`${root}orb`);
await writeFile(`${root}dist/orb.yml`, orb);
say(`dist/orb.yml: ${Buffer.byteLength(orb)} bytes`);

await bundleCli(`${root}dist/circleback.js`);
await chmod(`${root}dist/circleback.js`, 0o755);
say("dist/circleback.js");
