import { awsParameters } from "../../aws/parameters.ts";
import { deployParameters, parsePath } from "../../delivery/deploy-parameters.ts";
import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, choice, duration, integer, string } from "../../orb/parameter.ts";
import { environmentName } from "../../rollout/environment-name.ts";
import { parseCommand, parseContainer, parseName, parseVariables } from "./parse.ts";

export const definition = defineCommand({
  name: "ecs-deploy",
  description:
    "Deploy an image to a service of Amazon ECS, and wait until it has rolled out. The task definition is copied whole; what fails, or is rolled back, is told at once with events, reasons and the last log lines.",
  jobDescription: "Deploy an image to a service of Amazon ECS, and wait until it has rolled out.",
  title: "Deploy to ECS",
  parameters: {
    cluster: string(
      { description: "Name of the cluster; ${NAME} is filled from the environment.", default: "default" },
      parseName,
    ),
    service: string(
      { description: "Name of the service; ${NAME} is filled from the environment." },
      parseName,
    ),
    container: string(
      {
        description:
          "Name of the container that gets the image; ${NAME} is filled from the environment. Empty: the only one in the task definition.",
        default: "",
      },
      parseContainer,
    ),
    ...deployParameters,
    env: string(
      {
        description:
          "Variables of the container that are set or changed: an object in JSON, or lines of NAME=value or of NAME alone; ${NAME} is filled from the environment. They stay readable in the task definition: no place for a secret.",
        default: "",
      },
      parseVariables,
    ),
    "task-definition": string(
      {
        description:
          "Path of a task definition in JSON, below the working directory, to register instead of a copy of the current one. Empty: the copy.",
        default: "",
      },
      parsePath,
    ),
    "run-task": string(
      {
        description:
          'A command to run once in the new image before the service is updated, such as `./migrate up`, or ["./migrate", "up"]. The service stays as it is unless it ends well.',
        default: "",
      },
      parseCommand,
    ),
    force: boolean({
      description: "Start the tasks anew even where nothing has changed.",
      default: false,
    }),
    wait: choice({
      description:
        "How long to wait: until ECS calls the deployment completed, until all new tasks run and no old one is wanted any more (healthy), or not at all (none).",
      default: "completed",
      values: ["completed", "healthy", "none"],
    }),
    timeout: duration({
      description: "How long the task of run-task, and then the deployment, may take.",
      default: "15m",
    }),
    keep: integer({
      description:
        "How many revisions of the task definition stay registered once the deployment is through, the current and the one before among them. 0: all.",
      default: 0,
      least: 0,
    }),
    "environment-name": environmentName,
    ...awsParameters,
    release: releaseName("deploy"),
    "install-node": installNode,
  },
  jobBefore: ["checkout"],
  before: [{ attach_workspace: { at: "." } }],
  after: keepRelease,
});

export type EcsInput = Input<typeof definition>;
