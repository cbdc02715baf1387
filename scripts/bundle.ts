import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";
import { nameSource } from "./source.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const source = nameSource(root);

/** Bytes that one command may add to a compiled configuration, which repeats it at every use. */
export const bundleBudget = 40_000;

/**
 * The program of one command, fit to travel inside an orb: one CommonJS file for Node 18. It is compressed and not
 * minified, which takes fewer bytes than the reverse, and whoever unpacks it reads code. Throws where it is unfit.
 */
export async function bundleCommand(name: string): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`src/commands/${name}/main.ts`],
    bundle: true,
    platform: "node",
    target: "node18",
    format: "cjs",
    legalComments: "none",
    write: false,
  });
  const packed = brotliCompressSync(result.outputFiles[0]?.text ?? "").toString("base64");
  const unpack = `require("node:zlib").brotliDecompressSync(Buffer.from("${packed}", "base64")).toString()`;
  const title = `// ${name} of ${source}. To read it, run it with console.log in the place of module._compile.`;
  const text = `${title}\nmodule._compile(${unpack}, __filename);\n`;
  checkBundle(name, text);
  return text;
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
