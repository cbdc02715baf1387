import type { Environment } from "../host/host.ts";
import { fillVariables, missingValueHints } from "../orb/fill-variables.ts";
import { type Parameter, string, Unfit } from "../orb/parameter.ts";

/** Docker's grammar of a tag (distribution/reference). */
export function isTag(text: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(text);
}

/** Throws `Unfit`. */
export function parseTag(text: string): string {
  if (isTag(text)) return text;
  throw new Unfit(`has a tag that no registry takes: "${text}"`, {
    hints: [
      "A tag has at most 128 letters, digits, dots, dashes and underscores, neither dot nor dash first; variables are written ${NAME}.",
    ],
  });
}

/** As `fillVariables`; a variable that is empty would make another name than the one that is meant. Throws `Unfit`. */
export function fillName(template: string, env: Environment): string {
  const filled = fillVariables(template, env);
  const names = [...template.matchAll(/\$\{([^}]*)\}/g)].map(([, name = ""]) => name);
  const empty = names.find((name) => env[name]?.trim() === "");
  if (empty === undefined) return filled;
  throw new Unfit(`uses \${${empty}} in "${template}", but ${empty} is empty`, {
    hints: missingValueHints,
  });
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

const name = /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/;

/** ECR's grammar: that of CreateRepository in its API reference. */
export const repository: Parameter<string> = string(
  { description: "Name of the repository, without the registry; ${NAME} is filled from the environment." },
  (text: string, env: Environment) => {
    const filled = fillName(text, env);
    if (filled.length >= 2 && filled.length <= 256 && name.test(filled)) return filled;
    throw new Unfit(`is no name of a repository: "${filled}"`, {
      hints: [
        "Use small letters and digits, with single dots, dashes, underscores or slashes between them, and leave the registry's host out: team/api.",
      ],
    });
  },
);
