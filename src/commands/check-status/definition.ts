import { host, token } from "../../circleci/parameters.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, duration, string, Unfit } from "../../orb/parameter.ts";
import { persistedRoot } from "../../orb/persisted.ts";
import { judgingParameters, parseList } from "../../protocol/judging.ts";
import { outputsFolder } from "../../protocol/outputs.ts";
import { parseReceiptName } from "../../protocol/receipt-name.ts";

export const definition = defineCommand({
  name: "check-status",
  description:
    "Read the real result of the pipelines that trigger-and-wait triggered, show their workflows and jobs, fetch their outputs, and fail unless they succeeded.",
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
    ...judgingParameters,
    "allow-early-approval": boolean({
      description: "False: fail where the approval job was approved before the child had ended.",
      default: true,
    }),
    token,
    host,
    "install-node": installNode,
  },
  before: [{ attach_workspace: { at: "." } }],
  after: [{ persist_to_workspace: { root: persistedRoot, paths: [outputsFolder] } }],
});

export type CheckInput = Input<typeof definition>;

function parseReceiptNames(text: string): readonly string[] {
  const names = parseList(text).map(parseReceiptName);
  if (new Set(names).size < names.length) {
    throw new Unfit(`names a receipt twice: "${text}"`, { hints: ["Name each receipt once."] });
  }
  return names;
}
