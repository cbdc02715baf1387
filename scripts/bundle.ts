import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Bytes that one command may add to a compiled configuration, which repeats it at every use. */
export const bundleBudget = 40_000;

/** The program of one command: a single CommonJS file for Node 18, fit to travel inside an orb. Throws where it is not. */
export async function bundleCommand(name: string): Promise<string> {
  const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`src/commands/${name}/main.ts`],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node18",
    format: "cjs",
    legalComments: "none",
    banner: { js: `// circleback ${version} ${name}` },
    write: false,
  });
  const text = hideShifts(result.outputFiles[0]?.text ?? "");
  checkBundle(name, text);
  return text;
}

/** In a string `<\x3c` is the same as `<<`, which packing would rewrite; anywhere else it is no JavaScript, and refused. */
export function hideShifts(program: string): string {
  const hidden = program.replaceAll("<<", "<\\x3c");
  new Script(hidden);
  return hidden;
}

/** The rules that a text must keep to travel in an environment variable of an orb. */
export function checkBundle(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > bundleBudget)
    throw new Error(`The bundle of ${name} has ${bytes} bytes; ${bundleBudget} are allowed.`);
  const shift = text.indexOf("<<");
  if (shift >= 0) {
    throw new Error(
      `The bundle of ${name} has "<<" in it, which packing rewrites: …${text.slice(shift - 40, shift + 40)}…`,
    );
  }
  const odd = [...text].find((character) => character > "~" || (character < " " && character !== "\n"));
  if (odd !== undefined)
    throw new Error(`The bundle of ${name} is not plain ASCII: it has ${JSON.stringify(odd)}.`);
}

/** The command line program, for Node 20.19 and later. */
export async function bundleCli(file: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts"],
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    banner: {
      js: '#!/usr/bin/env node\nimport { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
    },
    outfile: file,
    logLevel: "warning",
  });
}
