import { parse } from "yaml";
import { compile } from "../simulator/compiler/compile.ts";
import type { ParameterValue } from "../simulator/compiler/compiled-config.ts";
import { readArguments } from "./read-arguments.ts";
import { readOrbs, readText, splitPair } from "./read-orbs.ts";
import type { Terminal } from "./terminal.ts";

export const help = `circleback simulate compile CONFIG [options]

Prints what CircleCI makes of a configuration: no orbs, parameters or conditions are left in it.

  --orb NAME=FILE    a packed orb by its reference, as in --orb acme/tools@1=dist/orb.yml; may be repeated
  --parameter K=V    a pipeline parameter; may be repeated

Exit code: 0 success, 1 the configuration does not compile, 2 bad usage.
`;

const options = {
  orb: { type: "string", multiple: true, default: [] as string[] },
  parameter: { type: "string", multiple: true, default: [] as string[] },
} as const;

/** What a pipeline on the main branch of a made-up project would have. */
const values: Readonly<Record<string, ParameterValue>> = {
  id: "00000000-0000-4000-8000-000000000001",
  number: 1,
  "project.slug": "gh/acme/app",
  "project.git_url": "https://github.com/acme/app",
  "project.type": "github",
  "git.branch": "main",
  "git.branch.is_default": true,
  "git.revision": "0000000000000000000000000000000000000000",
  "trigger.type": "api",
  trigger_source: "api",
};

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, options, { name: "simulate compile", file: "a configuration file" });
  const source = readText(given.file);
  const parameters = given.values.parameter.map((pair) => splitPair("--parameter K=V", pair));
  const types = declaredTypes(source);
  const result = compile({
    source,
    orbs: readOrbs(given.values.orb),
    parameters: Object.fromEntries(
      parameters.map(([name, text]) => [name, readValue(text, types.get(name))]),
    ),
    values,
  });
  if (result.ok) {
    terminal.screen.write(result.config.yaml);
    return 0;
  }
  terminal.err(`Error: ${given.file} does not compile.\n`);
  for (const { path, message } of result.errors) {
    terminal.err(path === "" ? `${message}\n` : `${path}: ${message}\n`);
  }
  return 1;
}

/** The types of the pipeline parameters; empty where the text is no such configuration, which the compiler explains. */
function declaredTypes(source: string): ReadonlyMap<string, string> {
  try {
    const declared: Readonly<Record<string, { readonly type?: string }>> = parse(source)?.parameters ?? {};
    return new Map(Object.entries(declared).map(([name, { type = "" }]) => [name, type]));
  } catch {
    return new Map();
  }
}

function readValue(text: string, type: string | undefined): ParameterValue {
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  if (type === "integer" && /^-?\d+$/.test(text)) return Number(text);
  return text;
}
