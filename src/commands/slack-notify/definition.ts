import { host, tokenIfNeeded } from "../../circleci/parameters.ts";
import { releaseFolder } from "../../delivery/release-record.ts";
import type { Environment } from "../../host/host.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, choice, string } from "../../orb/parameter.ts";
import { persistedRoot } from "../../orb/persisted.ts";
import { marks } from "../../protocol/callback-note.ts";
import { slackParameters } from "../../slack/parameters.ts";
import { parseChannels } from "./channels.ts";
import { checkNotifyInput } from "./check-input.ts";
import { parseFilters } from "./filters.ts";
import { parseThread, threadsFolder } from "./kept-message.ts";
import { parsePicture } from "./picture.ts";

const kept = `${persistedRoot}/${threadsFolder}`;

export const definition = defineCommand({
  name: "slack-notify",
  description:
    "Tell Slack how a job or a workflow stands, or what was deployed: as the last step of a job, or at its beginning with `message: start`. Whatever Slack says, the job goes on.",
  jobDescription:
    "Tell Slack how a workflow ended: with `result-of: workflow`, and every other job required with the status `terminal`. Or what was deployed, or that somebody is to approve.",
  title: "Tell Slack",
  when: "always",
  failsOnlyIf: "strict",
  parameters: {
    message: choice({
      description:
        "What to tell. result: success or failure, as it is. success and failure: only if it is so; deployed and rolled-back: failure instead if the job has failed, or the release record says so.",
      default: "result",
      values: ["result", "start", "success", "failure", "hold", "deployed", "rolled-back"],
    }),
    event: choice({
      description: "Tell it always, only if all went well (pass), or only if not (fail).",
      default: "always",
      values: ["always", "pass", "fail"],
    }),
    "result-of": choice({
      description:
        "Whose result: that of this job so far, or that of all other jobs of the workflow, which CircleCI's API is asked for.",
      default: "job",
      values: ["job", "workflow"],
    }),
    channels: string(
      {
        description:
          "Names or ids of channels, separated by commas; ${NAME} is filled from the environment. Empty: SLACK_DEFAULT_CHANNEL.",
        default: "",
      },
      parseChannels,
    ),
    thread: string(
      {
        description:
          "Name for a message that lives: the first job that uses it posts the message, later ones of the workflow update it and add to its thread. Empty: a message of its own. Needs a token, and the workspace attached.",
        default: "",
      },
      parseThread,
    ),
    template: string({
      description:
        'A message of your own as JSON, {"blocks": [...]}, or ${NAME} for the variable that holds it. {{name}} in a text is replaced by a value. Empty: the built-in message.',
      default: "",
    }),
    "template-file": string({
      description: "Instead of `template`: a file with that JSON.",
      default: "",
    }),
    mentions: string({
      description: "Whom to call, as Slack writes it: <@U012AB3CD>, <!subteam^S012AB3CD> or <!here>.",
      default: "",
    }),
    picture: string(
      { description: "Address of a picture to show in the built-in message.", default: "" },
      parsePicture,
    ),
    "environment-name": string(
      {
        description:
          "The environment that it is about, such as production; ${NAME} is filled from the environment. Empty: that of the release record.",
        default: "",
      },
      (text: string, env: Environment) => fillVariables(text, env),
    ),
    release: string({
      description: `Name of the release record (${releaseFolder}/<name>.json) that tells version and image. Empty: the newest there is.`,
      default: "",
    }),
    "only-branches": string(
      {
        description:
          "Tell of these branches only: names with `*`, separated by commas, or a /regular expression/ on a line of its own. Empty: of all, unless `only-tags` are given.",
        default: "",
      },
      parseFilters,
    ),
    "only-tags": string(
      {
        description: "Likewise of these tags. Empty: of all, unless `only-branches` are given.",
        default: "",
      },
      parseFilters,
    ),
    strict: boolean({
      description: "True: fail the job where a message cannot be sent.",
      default: false,
    }),
    ...slackParameters,
    token: tokenIfNeeded,
    host,
    "install-node": installNode,
  },
  rules: checkNotifyInput,
  jobBefore: [{ attach_workspace: { at: "." } }],
  before: [
    {
      run: {
        name: "Note that this job has failed",
        when: "on_fail",
        command: `mkdir -p ${marks.folder} && : > ${marks.folder}/${marks.failed}`,
      },
    },
    {
      when: {
        condition: "thread",
        steps: [
          {
            run: {
              name: "Make a place for the ids of messages",
              when: "always",
              environment: { CIRCLEBACK_FOLDER: kept },
              command: "<<include(scripts/make-place.sh)>>",
            },
          },
        ],
      },
    },
  ],
  after: [
    {
      when: {
        condition: "thread",
        steps: [{ persist_to_workspace: { root: persistedRoot, paths: [threadsFolder] } }],
      },
    },
  ],
});

export type NotifyInput = Input<typeof definition>;
