import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";
import { matchesAny } from "../../protocol/glob.ts";
import type { BranchTags, PlannedTag } from "./tags.ts";

/** Where a build keeps its layers for the next one: it moves with every build. */
export const cacheTag = "buildcache";

/** Lines that are a tag each, or a filter of ECR's, in which a star stands for any characters. Throws `Unfit`. */
export function parseMovingTags(text: string): readonly string[] {
  const filters = readLines(text);
  const odd = filters.find((filter) => !/^[\w.*-]{1,128}$/.test(filter));
  if (odd === undefined) return filters;
  throw new Unfit(`has a line that is no tag: "${odd}"`, {
    hints: ["Write one tag a line, such as production; a * stands for any characters."],
  });
}

/** The tags of a repository that are no versions. */
export function movingTags(input: {
  readonly branchTags: BranchTags;
  readonly movingTags: readonly string[];
  readonly cache: string;
}): readonly string[] {
  const cache = input.cache === "registry" ? [cacheTag] : [];
  return [...new Set([...input.branchTags.all.map(({ tag }) => tag), ...input.movingTags, ...cache])];
}

/**
 * The filter by which a tag of `tags` would be no version any more, or null. The first tag is the version whatever it
 * is; another one may move where the filter takes it by what the user has written, and not by what a variable holds.
 */
export function findMovingFilter(
  { tag, rule }: PlannedTag,
  isFirst: boolean,
  filters: readonly string[],
): string | null {
  // No filter has an equals sign: it stands for any variable.
  const written = rule.replace(/\$\{[^}]*\}/g, "=");
  return filters.find((each) => matchesAny(tag, [each]) && (isFirst || !matchesAny(written, [each]))) ?? null;
}
