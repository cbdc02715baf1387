import type { BranchTags } from "./tags.ts";

/** Where a build keeps its layers for the next one: it moves with every build. */
export const cacheTag = "buildcache";

/** The tags of a repository that are no versions. */
export function movingTags(input: {
  readonly branchTags: BranchTags;
  readonly cache: string;
}): readonly string[] {
  return input.cache === "registry" ? [...input.branchTags.all, cacheTag] : input.branchTags.all;
}
