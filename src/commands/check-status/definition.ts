import { host, token } from "../../circleci/parameters.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { duration, string, Unfit } from "../../orb/parameter.ts";
import { parseReceiptName } from "../../protocol/receipt-name.ts";
import { type Ending, endingNames, isEnding } from "../../protocol/verdict.ts";

export const definition = defineCommand({
  name: "check-status",
  description:
    "Read the real result of the pipelines that trigger-and-wait triggered, show their workflows and jobs, and fail unless they succeeded.",
  jobDescription:
    "Read the real result of the triggered pipelines after the approval job, and fail unless they succeeded.",
  title: "Check the triggered pipeline",
  parameters: {
    receipts: string(
      { description: "Names of the receipts to check, separated by commas.", default: "child" },
      parseReceiptNames,
    ),
    timeout: duration({
      description: "How long to wait for the child's last job: the one that called back may still be ending.",
      default: "10m",
    }),
    "success-on": string(
      {
        description: `Results that count as success, separated by commas: ${endingNames.join(", ")}.`,
        default: "success",
      },
      parseEndings,
    ),
    token,
    host,
    "install-node": installNode,
  },
  before: [{ attach_workspace: { at: "." } }],
});

export type CheckInput = Input<typeof definition>;

function parseReceiptNames(text: string): readonly string[] {
  const names = parseList(text).map(parseReceiptName);
  if (new Set(names).size < names.length) {
    throw new Unfit(`names a receipt twice: "${text}"`, { hints: ["Name each receipt once."] });
  }
  return names;
}

function parseEndings(text: string): readonly Ending[] {
  return parseList(text).map((name) => {
    if (isEnding(name)) return name;
    throw new Unfit(`names a result that does not exist: "${name}"`, {
      hints: [`Results: ${endingNames.join(", ")}.`],
    });
  });
}

function parseList(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) {
    throw new Unfit(`has an empty place in its list: "${text}"`, {
      hints: ["Write one name, or several with a comma between each two."],
    });
  }
  return names;
}
