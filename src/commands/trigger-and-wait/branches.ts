import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

/** Branches to try one after the other, separated by commas; one that comes out empty is left out. */
export function parseBranches(text: string, env: Environment): readonly string[] {
  const branches = text
    .split(",")
    .map((part) => fillVariables(part, env).trim())
    .filter(Boolean);
  const odd = branches.find((branch) => /[\s~^:?*[\\]/.test(branch));
  if (odd === undefined) return branches;
  throw new Unfit(`has a name that no branch can have: "${odd}"`, {
    hints: ["Write the branch's name, or several, separated by commas."],
  });
}
