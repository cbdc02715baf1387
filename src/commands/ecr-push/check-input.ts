import { mostFilters } from "../../aws/ecr-bodies.ts";
import type { BrokenRule } from "../../orb/define-command.ts";
import { cacheTag, findMovingFilter, movingTags } from "./moving-tags.ts";
import { dockerfilePath, isInside, outsideHints } from "./paths.ts";
import type { BranchTags, PlannedTag } from "./tags.ts";

interface Checked {
  readonly tags: readonly PlannedTag[];
  readonly branchTags: BranchTags;
  readonly movingTags: readonly string[];
  readonly path: string;
  readonly dockerfile: string;
  readonly createRepository: boolean;
  readonly cache: string;
}

/** What BatchGetImage takes. */
const mostTags = 100;

export function checkPushInput(input: Checked): readonly BrokenRule[] {
  const broken: BrokenRule[] = [];
  const rules = new Map<string, string>();
  for (const { tag, rule } of [
    ...input.tags,
    ...input.branchTags.all, // other branches' as well: a build must not move what is theirs
    ...(input.cache === "registry" ? [{ tag: cacheTag, rule: "cache: registry" }] : []),
  ]) {
    const other = rules.get(tag);
    rules.set(tag, rule);
    if (other === undefined) continue;
    broken.push({
      sentence: `Both \`${other}\` and \`${rule}\` make the tag \`${tag}\`.`,
      hints: ["Change one of the two: a version that shares its tag with something else would move with it."],
    });
  }
  for (const [index, planned] of input.tags.entries()) {
    const filter = findMovingFilter(planned, index === 0, input.movingTags);
    if (filter === null) continue;
    broken.push({
      sentence: `\`${planned.rule}\` makes the tag \`${planned.tag}\`, which \`${filter}\` of \`moving-tags\` lets move.`,
      hints: ["Change one of the two: a version must not move, nor may a variable choose a tag that does."],
    });
  }
  const count = input.tags.length + (input.branchTags.current ? 1 : 0);
  if (count > mostTags) {
    broken.push({
      sentence: `There are ${count} tags; ECR looks at ${mostTags} at once.`,
      hints: ["Name fewer in `tags`."],
    });
  }
  const dockerfile = dockerfilePath(input.path, input.dockerfile);
  if (!isInside(dockerfile)) {
    broken.push({
      sentence: `\`dockerfile\` leads out of the checkout: "${dockerfile}".`,
      hints: outsideHints,
    });
  }
  if (input.createRepository && movingTags(input).length > mostFilters) {
    broken.push({
      sentence: `A new repository would have ${movingTags(input).length} tags that move; ECR takes ${mostFilters}.`,
      hints: ["Name fewer in `branch-tags` and `moving-tags`, or create the repository yourself."],
    });
  }
  return broken;
}
