import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { installNode } from "../../orb/install-node.ts";
import { string } from "../../orb/parameter.ts";
import { rolloutParameters } from "../../rollout/parameters.ts";
import { sshParameters } from "../../ssh/parameters.ts";

export const definition = defineCommand({
  name: "ssh-rollback",
  description:
    "Bring back a release that ssh-deploy has deployed before, with its Compose file, its variables and its images, as the hosts keep them: all or nothing, as a deploy.",
  jobDescription: "Bring back a release that ssh-deploy has deployed before, as the hosts keep it.",
  title: "Roll back over SSH",
  parameters: {
    ...sshParameters,
    to: string(
      {
        description:
          "Version or digest of the release to bring back; ${NAME} is filled from the environment. Empty: the one before the current one.",
        default: "",
      },
      fillVariables,
    ),
    "expect-current": string(
      {
        description:
          "Version or digest that must be the current one, or nothing is done; ${NAME} is filled from the environment. Empty: any.",
        default: "",
      },
      fillVariables,
    ),
    ...rolloutParameters,
    release: releaseName("rollback"),
    "install-node": installNode,
  },
  after: keepRelease,
});

export type RollbackInput = Input<typeof definition>;
