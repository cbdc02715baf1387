import { deployParameters, parsePath } from "../../delivery/deploy-parameters.ts";
import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { installNode } from "../../orb/install-node.ts";
import { integer, string } from "../../orb/parameter.ts";
import { parseEnvironment } from "../../rollout/environment-lines.ts";
import { rolloutParameters } from "../../rollout/parameters.ts";
import { registryParameters } from "../../rollout/registry-login.ts";
import { sshParameters } from "../../ssh/parameters.ts";
import { parseServices, parseWords } from "./parse.ts";

export const definition = defineCommand({
  name: "ssh-deploy",
  description:
    "Deploy with Docker Compose over SSH to the host that belongs to the branch: all or nothing. What does not get well is rolled back, also when the connection or this job is cut off.",
  jobDescription:
    "Check the code out and deploy with Docker Compose over SSH to the host that belongs to the branch: all or nothing.",
  title: "Deploy over SSH",
  parameters: {
    ...sshParameters,
    "compose-file": string(
      {
        description:
          "The Compose file, below the working directory; it is sent to the host, and names the image ${IMAGE}.",
        default: "docker-compose.yml",
      },
      parsePath,
    ),
    "remote-path": string(
      {
        description:
          "Instead of compose-file: path of a Compose file that is on the host already; ${NAME} is filled from the environment.",
        default: "",
      },
      fillVariables,
    ),
    env: string(
      {
        description:
          "Variables for the Compose file, lines of NAME=value or of NAME alone; ${NAME} is filled from the environment. On the host they are in a file that only the user can read.",
        default: "",
      },
      parseEnvironment,
    ),
    ...deployParameters,
    services: string(
      {
        description: "Services to deploy, separated by blanks. Empty: all.",
        default: "",
      },
      parseServices,
    ),
    "run-once": string(
      {
        description:
          "A service and a command to run in its new image before the start, on the first host alone, such as `api ./migrate up`; blanks separate words.",
        default: "",
      },
      parseWords,
    ),
    ...rolloutParameters,
    keep: integer({
      description: "How many releases a host keeps with their images, to roll back to.",
      default: 5,
      least: 2,
    }),
    ...registryParameters,
    release: releaseName("deploy"),
    "install-node": installNode,
  },
  jobBefore: ["checkout"],
  before: [{ attach_workspace: { at: "." } }],
  after: keepRelease,
});

export type DeployInput = Input<typeof definition>;
