import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import { compile } from "../../src/simulator/compiler/compile.ts";

interface Orb {
  readonly commands: Readonly<
    Record<string, { readonly parameters?: Readonly<Record<string, { readonly default?: unknown }>> }>
  >;
}

/** By command, how much longer a compiled configuration is with one use of it, with nothing set but what must be. */
export async function measureBytes(file: string): Promise<Readonly<Record<string, number>>> {
  const orb = await readFile(file, "utf8");
  const { commands } = parse(orb) as Orb;
  const without = compiledSize(orb, "checkout");
  return Object.fromEntries(
    Object.entries(commands).map(([name, { parameters = {} }]) => {
      const required = Object.keys(parameters).filter((key) => parameters[key]?.default === undefined);
      const step = { [`circleback/${name}`]: Object.fromEntries(required.map((key) => [key, "x"])) };
      return [name, compiledSize(orb, step) - without];
    }),
  );
}

function compiledSize(orb: string, step: unknown): number {
  const job = { docker: [{ image: "cimg/base:stable" }], steps: ["checkout", step] };
  const source = stringify({
    version: 2.1,
    orbs: { circleback: "acme/circleback@1" },
    jobs: { deploy: job },
    workflows: { main: { jobs: ["deploy"] } },
  });
  const result = compile({ source, orbs: new Map([["acme/circleback@1", orb]]), parameters: {}, values: {} });
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join("; "));
  return Buffer.byteLength(result.config.yaml);
}
