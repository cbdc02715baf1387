import { fillName, isTag, parseTag } from "../../delivery/image-name.ts";
import type { Environment } from "../../host/host.ts";
import { fitName } from "../../orb/fit-name.ts";
import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";

/** A tag that the image gets, and the words of the user that it comes from. */
export interface PlannedTag {
  readonly tag: string;
  readonly rule: string;
}

export interface BranchTags {
  /** The one of the branch that is built. */
  readonly current: PlannedTag | null;
  /** Of all branches, each tag once: these tags move. */
  readonly all: readonly PlannedTag[];
}

/** The tags of the version, the first before the others. Throws `Unfit`. */
export function parseTags(text: string, env: Environment): readonly PlannedTag[] {
  const tags = readLines(text).map((rule) => ({ tag: fillTag(rule, env), rule }));
  if (tags.length > 0) return tags;
  throw new Unfit("has no tag", { hints: ["Give at least one: the first is the image's version."] });
}

/** Lines `branch=tag`. Throws `Unfit`. */
export function parseBranchTags(text: string, env: Environment): BranchTags {
  const rules = readLines(text).map((line) => {
    const cut = line.lastIndexOf("="); // which a branch may have in its name, and a tag may not
    const [branch, template] = [line.slice(0, cut).trim(), line.slice(cut + 1).trim()];
    if (cut < 1 || template === "") {
      throw new Unfit(`has a line that is not branch=tag: "${line}"`, {
        hints: ["Write one branch=tag a line, such as main=production."],
      });
    }
    return { branch, template };
  });
  const names = rules.map(({ branch }) => branch);
  const twice = names.find((branch, index) => names.indexOf(branch) < index);
  if (twice !== undefined) {
    throw new Unfit(`names the branch "${twice}" twice`, { hints: ["Keep one of the two."] });
  }
  const planned = rules.map(({ branch, template }) => ({
    branch,
    planned: { tag: fillTag(template, env), rule: `branch ${branch}` },
  }));
  const current = planned.find(({ branch }) => branch === env.CIRCLE_BRANCH)?.planned ?? null;
  const tags = [...planned.map((each) => each.planned), ...(current ? [current] : [])];
  return { current, all: [...new Map(tags.map((each) => [each.tag, each])).values()] };
}

/** What the user writes must be a tag as it stands; only what variables hold is made to fit. */
function fillTag(template: string, env: Environment): string {
  const words = template.replace(/\$\{[^}]*\}/g, "");
  if (words === template) return parseTag(template);
  if (words !== "" && !isTag(`_${words}`)) {
    throw new Unfit(`has a tag that no registry takes: "${template}"`, {
      hints: ["Between variables, use letters, digits, dots, dashes and underscores."],
    });
  }
  return fitName(fillName(template, env), 128);
}
