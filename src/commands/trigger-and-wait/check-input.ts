import type { BrokenRule } from "../../orb/define-command.ts";
import type { NamedSecret } from "../../orb/parameter.ts";
import type { Secret } from "../../secret.ts";
import type { Branches } from "./branches.ts";
import { type ChildParameters, parameterLimits } from "./child-parameters.ts";

interface Checked {
  readonly branch: Branches;
  readonly tag: string;
  readonly parameters: ChildParameters;
  readonly wait: boolean;
  readonly approvalJob: string;
  readonly ticketParameter: string;
  readonly token: Secret;
  readonly signingSecret: NamedSecret;
}

/** What the parameters of a trigger must be to one another: a rule for each that is broken. */
export function checkTriggerInput(input: Checked): readonly BrokenRule[] {
  const { branch, tag, parameters, wait, approvalJob, ticketParameter } = input;
  const secrets = [input.token, input.signingSecret.value].flatMap((secret) => secret?.reveal() ?? []);
  const leak = Object.entries(parameters).find(([, value]) =>
    secrets.some((secret) => String(value).includes(secret)),
  );
  const rules: readonly (BrokenRule & { readonly broken: boolean })[] = [
    {
      broken: branch.names.length > 0 && tag !== "",
      sentence: `\`branch\` is "${branch.names.join(", ")}" and \`tag\` is "${tag}", but a pipeline runs on one of them.`,
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
      broken: leak !== undefined,
      sentence: `\`parameters\` would hand "${leak?.[0]}" a secret of this job, and everybody who sees the child can read its parameters.`,
      hints: ["Give the child a context of its own with the secret."],
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
