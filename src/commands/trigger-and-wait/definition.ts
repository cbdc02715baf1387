import { host, projectSlug, token } from "../../circleci/parameters.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, choice, duration, integer, string } from "../../orb/parameter.ts";
import { judgingParameters } from "../../protocol/judging.ts";
import { parseReceiptName } from "../../protocol/receipt-name.ts";
import { signingSecret } from "../../protocol/signing-secret.ts";
import { parseBranches } from "./branches.ts";
import { checkTriggerInput } from "./check-input.ts";
import { parseChildParameters, parseParameterName } from "./child-parameters.ts";

export const definition = defineCommand({
  name: "trigger-and-wait",
  description:
    "Trigger a pipeline of another project, once, and make sure that it really starts. With `approval-job`, this workflow then sleeps on that approval job, free of charge, until the child wakes it; without, the step itself waits for the child's result.",
  jobDescription:
    "Trigger a pipeline of another project and wait for it: asleep on an approval job of this workflow, or, without one, in this job.",
  title: "Trigger another pipeline",
  parameters: {
    project: projectSlug(
      "The child: slug of the project to trigger, gh/<org>/<repo> or circleci/<org id>/<project id>.",
    ),
    "definition-id": string({
      description:
        "Id of the child's pipeline definition, which GitHub App projects need (Project Settings, Project Setup).",
      default: "",
    }),
    branch: string(
      {
        description:
          "Branch of the child, or several, separated by commas: the first that exists. ${NAME} is filled from the environment. Empty, and no tag: the default branch.",
        default: "",
      },
      parseBranches,
    ),
    tag: string({ description: "Tag of the child, instead of a branch.", default: "" }),
    parameters: string(
      {
        description:
          "The child's pipeline parameters: a JSON object, or lines of key=value. ${NAME} is filled from the environment; then true, false and whole numbers are typed, and anything quoted is a string.",
        default: "",
      },
      parseChildParameters,
    ),
    wait: boolean({ description: "False: fire and forget.", default: true }),
    "approval-job": string({
      description:
        "Name of the approval job of this workflow to sleep on; it must require this job and nothing else. Empty: wait in this step.",
      default: "",
    }),
    receipt: string(
      {
        description: "Name of the receipt that check-status reads; unique in the workflow.",
        default: "child",
      },
      parseReceiptName,
    ),
    "ticket-parameter": string(
      {
        description:
          "The child's pipeline parameter that gets the ticket with which it wakes this workflow. Empty: none is sent.",
        default: "circleback",
      },
      parseParameterName,
    ),
    ticket: string({
      description:
        "The ticket of this pipeline itself, where it is a child: << pipeline.parameters.circleback >>. Keeps chains of triggers from running in circles.",
      default: "",
    }),
    "max-depth": integer({
      description: "How many triggers a chain that begins above this pipeline may be long.",
      default: 5,
      least: 1,
    }),
    "on-rerun": choice({
      description:
        "When this job runs again in any rerun of its workflow: take up the child of the earlier run if it is running or has succeeded, else trigger a new one (reuse); rerun the jobs of it that failed (rerun-failed); or trigger a new one always (new).",
      default: "reuse",
      values: ["reuse", "rerun-failed", "new"],
    }),
    "cancel-child": boolean({
      description:
        "Cancel the child where this job is cancelled, and, through the sweep, where this workflow is.",
      default: false,
    }),
    "cancel-on-timeout": boolean({
      description: "Cancel the child where `timeout` has passed without a result.",
      default: false,
    }),
    ...judgingParameters,
    "signing-secret": signingSecret,
    token,
    host,
    "start-timeout": duration({
      description:
        "The child must have a workflow by then; the clock stands still while its setup workflow runs.",
      default: "2m",
    }),
    timeout: duration({
      description: "How long to wait in this step where there is no approval job.",
      default: "60m",
    }),
    "install-node": installNode,
  },
  rules: checkTriggerInput,
  pause: {
    steps: [
      {
        store_artifacts: {
          path: ".circleback/receipts/<< parameters.receipt >>.json",
          destination: "circleback/<< parameters.receipt >>.json",
        },
      },
    ],
    title: "Wait for the other pipeline",
  },
  after: [
    { persist_to_workspace: { root: ".", paths: [".circleback/receipts/<< parameters.receipt >>.json"] } },
  ],
});

export type TriggerInput = Input<typeof definition>;
