import { boolean, string, Unfit } from "../orb/parameter.ts";
import { parseGlobs } from "./glob.ts";
import { type Ending, endingNames, isEnding } from "./verdict.ts";

/** The parameters by which a child's result is judged, wherever that is done. */
export const judgingParameters = {
  "success-on": string(
    {
      description: `Results that count as success, separated by commas: ${endingNames.join(", ")}.`,
      default: "success",
    },
    parseEndings,
  ),
  "soft-fail": boolean({
    description: "True: show that the child was not successful, and succeed all the same.",
    default: false,
  }),
  "child-workflows": string(
    {
      description:
        "The child's workflows that count, separated by commas; `*` stands for any characters. Empty: all of them.",
      default: "",
    },
    parseGlobs,
  ),
} as const;

export interface JudgingPolicy {
  readonly successOn: readonly Ending[];
  readonly softFail: boolean;
  readonly childWorkflows: readonly string[];
}

function parseEndings(text: string): readonly Ending[] {
  return parseList(text).map((name) => {
    if (isEnding(name)) return name;
    throw new Unfit(`names a result that does not exist: "${name}"`, {
      hints: [`Results: ${endingNames.join(", ")}.`],
    });
  });
}

/** What stands between commas. Throws `Unfit` for an empty place. */
export function parseList(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new Unfit(`has an empty place in its list: "${text}"`, {
    hints: ["Separate names with one comma each."],
  });
}
