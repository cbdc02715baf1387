import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { nameSource } from "./source.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const source = nameSource(root);

/** Shell files travel as text, and leave their comments at home. */
const shellText: Plugin = {
  name: "shell-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.sh$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replaceAll(/^ *#.*\n| +# [^"'\n]*$/gm, ""),
      loader: "text",
    }));
  },
};

/** What only the orb's own files say, a program need not carry: the descriptions, and esbuild's notes to itself. */
function leaveProse(program: string): string {
  return program
    .replaceAll(/^ *(description|jobDescription): ("(\\.|[^"\\])*"|`(\\.|[^`\\])*`),?\n/gm, "")
    .replaceAll(/^\/\/ (@__NO_SIDE_EFFECTS__|(src|node_modules)\/.*)\n/gm, "");
}

/** Bytes that one command may add to a compiled configuration, which repeats it at every use. */
export const bundleBudget = 40_000;

/**
 * The program of one command, fit to travel inside an orb: one CommonJS file for Node 18. It is compressed, and keeps
 * its names and lines, which takes fewer bytes than the reverse, and whoever unpacks it reads code. Throws where it is
 * unfit.
 */
export async function bundleCommand(name: string, plugins: readonly Plugin[] = []): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [`src/commands/${name}/main.ts`],
    bundle: true,
    platform: "node",
    target: "node18",
    format: "cjs",
    legalComments: "none",
    minifySyntax: true,
    plugins: [...plugins, shellText],
    write: false,
  });
  const packed = brotliCompressSync(leaveProse(result.outputFiles[0]?.text ?? ""));
  const unpack = `require("node:zlib").brotliDecompressSync((${decode})("${encode(packed)}", ${packed.length})).toString()`;
  const title = `// ${name} of ${source}. To read it, run it with console.log in the place of module._compile.`;
  const text = `${title}\nmodule._compile(${unpack}, __filename);\n`;
  checkBundle(name, text);
  return text;
}

/**
 * Four bytes as five characters, where base64 takes three as four: from `(` to `~`, without `<` and the backslash,
 * which are 85 that neither a shell, nor YAML between quotes, nor packing reads anything into.
 */
function encode(bytes: Buffer): string {
  const padded = Buffer.concat([bytes, Buffer.alloc(3)]);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    const value = padded.readUInt32BE(at);
    for (const place of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) {
      const code = (Math.floor(value / place) % 85) + 40;
      text += String.fromCharCode(code < 60 ? code : code < 91 ? code + 1 : code + 2);
    }
  }
  return text;
}

/** The way back, as a function's text in every bundle. */
const decode = `(text, length) => {
  const bytes = Buffer.alloc(length + 3);
  for (let at = 0; at * 4 < length; at++) {
    let value = 0;
    for (let place = at * 5; at * 5 + 5 > place; place++) {
      const code = text.charCodeAt(place);
      value = value * 85 + code - 40 - (code > 60) - (code > 92);
    }
    bytes.writeUInt32BE(value, at * 4);
  }
  return bytes.subarray(0, length);
}`;

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
      js: `#!/usr/bin/env node
// The command line of ${source}.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);`,
    },
    outfile: file,
    logLevel: "warning",
  });
}
