import type { BrokenRule } from "../../orb/define-command.ts";
import { type ChildParameters, parameterLimits } from "./child-parameters.ts";

interface Checked {
  readonly branch: string;
  readonly tag: string;
  readonly parameters: ChildParameters;
  readonly wait: boolean;
  readonly approvalJob: string;
  readonly ticketParameter: string;
}

/** What the parameters of a trigger must be to one another: a rule for each that is broken. */
export function checkTriggerInput(input: Checked): readonly BrokenRule[] {
  const { branch, tag, parameters, wait, approvalJob, ticketParameter } = input;
  const rules: readonly (BrokenRule & { readonly broken: boolean })[] = [
    {
      broken: branch !== "" && tag !== "",
      sentence: `\`branch\` is "${branch}" and \`tag\` is "${tag}", but a pipeline runs on one of them.`,
      hints: ["Give `branch` or `tag`, not both."],
    },
    {
      broken: approvalJob !== "" && !wait,
      sentence: `\`approval-job\` is "${approvalJob}", but with \`wait: false\` nobody would wait on it.`,
      hints: ["Leave out `wait` to sleep on the approval job, or `approval-job` to fire and forget."],
    },
    {
      broken: approvalJob !== "" && ticketParameter === "",
      sentence: `\`approval-job\` is "${approvalJob}", but without a ticket the child could never wake it.`,
      hints: ["Set `ticket-parameter` to a string parameter of the child's pipeline, such as circleback."],
    },
    {
      broken: Object.hasOwn(parameters, ticketParameter),
      sentence: `\`parameters\` gives "${ticketParameter}", which \`ticket-parameter\` keeps for the ticket.`,
      hints: ["Leave it out of `parameters`, or set `ticket-parameter` to another name."],
    },
    {
      broken: ticketParameter !== "" && Object.keys(parameters).length === parameterLimits.entries,
      sentence: `\`parameters\` has ${parameterLimits.entries} entries, which leaves no room for the ticket: CircleCI takes ${parameterLimits.entries} in all.`,
      hints: [
        'Pass fewer of them, or, to a child that does not call back, no ticket: `ticket-parameter: ""`.',
      ],
    },
  ];
  return rules.filter(({ broken }) => broken);
}
