import { host, tokenIfNeeded } from "../../circleci/parameters.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, choice, duration, string } from "../../orb/parameter.ts";
import { callbackNoteArtifact, callbackNotePath, marks } from "../../protocol/callback-note.ts";
import { parseGlobs } from "../../protocol/glob.ts";
import { signingSecret } from "../../protocol/signing-secret.ts";
import { checkApproveInput } from "./check-input.ts";
import { parsePipelineId } from "./pipeline-id.ts";

export const definition = defineCommand({
  name: "approve-in-parent",
  description:
    "Wake the workflow that triggered this pipeline: find the approval job that it sleeps on, make sure that it waits for this pipeline, and approve it. Does nothing, and succeeds, where circleback did not trigger this pipeline.",
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
    "on-failure": choice({
      description:
        "What to do with the approval job where this workflow has failed: approve it, so that check-status fails the parent; cancel it, so that the parent ends without running anything more; or leave it to a human.",
      default: "approve",
      values: ["approve", "cancel", "leave"],
    }),
    timeout: duration({
      description: "How long to wait until the approval job can be approved.",
      default: "5m",
    }),
    "require-receipt": boolean({
      description:
        "Approve only where the job that the approval job requires has left a receipt that names this pipeline. False, for parents that trigger by other means: `allowed-parents` is needed.",
      default: true,
    }),
    "allowed-parents": string(
      {
        description:
          "Slugs of the projects that this pipeline may wake, separated by commas; `*` stands for any characters. Empty: any parent with a receipt.",
        default: "",
      },
      parseGlobs,
    ),
    "signing-secret": signingSecret,
    "require-signature": boolean({
      description: "Fail where there is no signing secret, instead of taking tickets as they come.",
      default: false,
    }),
    token: tokenIfNeeded,
    host,
    "install-node": installNode,
  },
  rules: checkApproveInput,
  before: [
    { run: { name: "Note that this job calls back", when: "always", command: leaveMark(marks.begun) } },
    { run: { name: "Note that this job has failed", when: "on_fail", command: leaveMark(marks.failed) } },
    { store_artifacts: { path: marks.folder, destination: marks.artifacts } },
  ],
  after: [{ store_artifacts: { path: callbackNotePath, destination: callbackNoteArtifact } }],
});

function leaveMark(name: string): string {
  return `mkdir -p ${marks.folder} && : > ${marks.folder}/${name}`;
}

export type ApproveInput = Input<typeof definition>;
