import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

/** Branches to try one after the other, separated by commas; one that comes out empty is left out. */
export function parseBranches(text: string, env: Environment): readonly string[] {
  const parts = text.split(",").map((written) => ({ written, branch: fillVariables(written, env).trim() }));
  // What was written is repeated, not what the variables hold: that may be a secret.
  const odd = parts.find(({ branch }) => /[\s~^:?*[\\]/.test(branch));
  if (odd === undefined) return parts.map(({ branch }) => branch).filter(Boolean);
  throw new Unfit(`has a name that no branch can have: "${odd.written.trim()}"`, {
    hints: ["Write the branch's name, or several, separated by commas."],
  });
}
