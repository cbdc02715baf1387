import { host, tokenIfNeeded } from "../../circleci/parameters.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { duration, string, Unfit } from "../../orb/parameter.ts";

export const definition = defineCommand({
  name: "approve-in-parent",
  description:
    "Wake the workflow that triggered this pipeline: find the approval job that it sleeps on, and approve it. Does nothing, and succeeds, where circleback did not trigger this pipeline.",
  jobDescription:
    "Wake the workflow that triggered this pipeline. Let it require every other job of the workflow with the status `terminal`, so that a failure is reported as well.",
  title: "Wake the parent pipeline",
  when: "always",
  parameters: {
    ticket: string({
      description:
        "The ticket from the parent: << pipeline.parameters.circleback >>. Empty: not triggered by circleback.",
      default: "",
    }),
    "pipeline-id": string(
      {
        description: "Instead of a ticket: id of the parent's pipeline, where the parent passed just that.",
        default: "",
      },
      parsePipelineId,
    ),
    "approval-job": string({
      description: "With `pipeline-id`: name of the approval job that the parent sleeps on.",
      default: "",
    }),
    timeout: duration({
      description: "How long to wait until the approval job can be approved.",
      default: "5m",
    }),
    token: tokenIfNeeded,
    host,
    "install-node": installNode,
  },
  rules: (input) => [
    ...(input.ticket && input.pipelineId
      ? [
          {
            sentence: "Both `ticket` and `pipeline-id` say whom to wake.",
            hints: ["Give `ticket` or `pipeline-id`, not both."],
          },
        ]
      : []),
    ...(input.pipelineId && !input.approvalJob
      ? [
          {
            sentence: `\`pipeline-id\` is ${input.pipelineId}, but \`approval-job\` is empty.`,
            hints: ["Set `approval-job` to the name of the approval job that the parent sleeps on."],
          },
        ]
      : []),
  ],
});

export type ApproveInput = Input<typeof definition>;

function parsePipelineId(text: string): string {
  if (text === "" || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new Unfit(`is no pipeline id: "${text}"`, {
    hints: ["A pipeline id is a UUID: << pipeline.id >> of the parent."],
  });
}
