import type { BrokenRule } from "../../orb/define-command.ts";

interface Checked {
  readonly ticket: string;
  readonly pipelineId: string;
  readonly approvalJob: string;
  readonly requireReceipt: boolean;
  readonly allowedParents: readonly string[];
}

/** What the parameters of a callback must be to one another: a rule for each that is broken. */
export function checkApproveInput(input: Checked): readonly BrokenRule[] {
  const { ticket, pipelineId, approvalJob, requireReceipt, allowedParents } = input;
  const rules: readonly (BrokenRule & { readonly broken: boolean })[] = [
    {
      broken: ticket !== "" && pipelineId !== "",
      sentence: "Both `ticket` and `pipeline-id` say whom to wake.",
      hints: ["Give `ticket` or `pipeline-id`, not both."],
    },
    {
      broken: pipelineId !== "" && approvalJob === "",
      sentence: `\`pipeline-id\` is ${pipelineId}, but \`approval-job\` is empty.`,
      hints: ["Set `approval-job` to the name of the approval job that the parent sleeps on."],
    },
    {
      broken: !requireReceipt && allowedParents.length === 0,
      sentence:
        "With `require-receipt: false` anybody who can set a pipeline parameter could name any approval job.",
      hints: ["Name the parents that this pipeline may wake: `allowed-parents: gh/acme/app`."],
    },
  ];
  return rules.filter(({ broken }) => broken);
}
