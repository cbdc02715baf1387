import { runInNewContext } from "node:vm";
import { UserError } from "../../errors.ts";
import type { Environment } from "../../host/host.ts";
import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";
import { matchesAny, parseGlobs } from "../../protocol/glob.ts";

export type Filter = (name: string) => boolean;

/** A line is a list of globs or one regular expression between slashes. Throws `Unfit`. */
export function parseFilters(text: string): readonly Filter[] {
  return readLines(text).map((line) => {
    const [, source, flags] = /^\/(.+)\/(i?)$/.exec(line) ?? [];
    if (source === undefined) {
      if (line.startsWith("/")) throw new Unfit(`has a regular expression without its last slash: "${line}"`);
      const globs = parseGlobs(line);
      return (name: string) => matchesAny(name, globs);
    }
    const pattern = parsePattern(source, flags ?? "");
    return (name: string) => matches(name, pattern);
  });
}

/** How long one may look for a match, in milliseconds: some never find an end, and whoever makes a branch names it. */
const patience = 1000;

function matches(name: string, pattern: RegExp): boolean {
  try {
    return runInNewContext("pattern.test(name)", { name, pattern }, { timeout: patience });
  } catch (error) {
    throw new UserError("parameter.invalid", `${pattern} finds no end of "${name}".`, {
      hints: ["Repeat nothing that is repeated itself: /^a+$/ instead of /^(a+)+$/."],
      cause: error,
    });
  }
}

function parsePattern(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new Unfit(
      `has no regular expression of JavaScript in it: ${error instanceof Error ? error.message : source}`,
      {
        hints: ["Names with `*` are written without slashes: release/*."],
      },
    );
  }
}

interface Filtered {
  readonly onlyBranches: readonly Filter[];
  readonly onlyTags: readonly Filter[];
}

/** What keeps the message of this branch or tag back, or null. A pipeline has the one or the other. */
export function findObstacle({ onlyBranches, onlyTags }: Filtered, env: Environment): string | null {
  if (onlyBranches.length === 0 && onlyTags.length === 0) return null;
  const [kind, name, filters] = env.CIRCLE_TAG
    ? ["tag", env.CIRCLE_TAG, onlyTags]
    : ["branch", env.CIRCLE_BRANCH ?? "", onlyBranches];
  return filters.some((fits) => fits(name)) ? null : `${kind} ${name}`;
}
