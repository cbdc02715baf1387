import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";
import type { BranchTags } from "./tags.ts";

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
