import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

export interface Branches {
  /** To be tried one after the other; none: the default branch. */
  readonly names: readonly string[];
  /** Places of the list, as written, that are passed over: a variable in them is not set. */
  readonly skipped: readonly string[];
}

/**
 * Branches separated by commas. One that comes out empty is left out; so is one whose variable is not set, such
 * as CIRCLE_BRANCH in the pipeline of a tag, as long as there is another: a list is there for that.
 */
export function parseBranches(text: string, env: Environment): Branches {
  const parts = text.split(",").map((part) => ({ written: part.trim(), branch: fillBranch(part, env) }));
  // What was written is repeated, not what the variables hold: that may be a secret.
  const odd = parts.find(({ branch }) => typeof branch === "string" && /[\s~^:?*[\\]/.test(branch));
  if (odd !== undefined) {
    throw new Unfit(`has a name that no branch can have: "${odd.written}"`, {
      hints: ["Write the branch's name, or several, separated by commas."],
    });
  }
  const names = parts.flatMap(({ branch }) => (typeof branch === "string" && branch !== "" ? [branch] : []));
  const unset = parts.flatMap(({ written, branch }) =>
    branch instanceof Unfit ? [{ written, branch }] : [],
  );
  const [first] = unset;
  if (names.length === 0 && first !== undefined) throw first.branch;
  return { names, skipped: unset.map(({ written }) => written) };
}

function fillBranch(text: string, env: Environment): string | Unfit {
  try {
    return fillVariables(text, env).trim();
  } catch (error) {
    if (error instanceof Unfit) return error;
    throw error;
  }
}
