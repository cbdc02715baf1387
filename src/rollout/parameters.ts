import { fillVariables } from "../orb/fill-variables.ts";
import { boolean, duration, string, Unfit } from "../orb/parameter.ts";
import { batch } from "./batches.ts";
import { environmentName } from "./environment-name.ts";
import { fillText } from "./filled-text.ts";

/** The parameters that a deploy and a rollback share, beside those of ssh and of registries. */
export const rolloutParameters = {
  "project-name": string(
    {
      description:
        "Name of the Compose project on the host; ${NAME} is filled from the environment. Empty: that of the repository.",
      default: "",
    },
    (text, env) => {
      const name =
        fillVariables(text, env) ||
        (env.CIRCLE_PROJECT_REPONAME ?? "").toLowerCase().replaceAll(/[^a-z0-9_-]/g, "");
      if (/^[a-z0-9][a-z0-9_-]*$/.test(name)) return name;
      throw new Unfit(`is no name of a Compose project: "${name}"`, {
        hints: ["Use small letters, digits, dashes and underscores, a letter or digit first."],
      });
    },
  ),
  "probe-url": string(
    {
      description:
        "URL that the host itself asks, with curl or wget, until it answers well: http://localhost:8080/health. Empty: the containers' own health alone counts.",
      default: "",
    },
    (text, env) => {
      const url = fillText(text, env);
      if (url.text === "" || /^https?:\/\/\S+$/.test(url.text)) return url;
      throw new Unfit(`is no URL: "${url.shown}"`, { hints: ["Write it whole, with http:// or https://."] });
    },
  ),
  "probe-timeout": duration({
    description: "How long the containers may take to be well and the URL to answer, both together.",
    default: "2m",
  }),
  timeout: duration({
    description: "How long one host may take for all of it; after that the release before it is restored.",
    default: "10m",
  }),
  "lock-wait": duration({
    description: "How long to wait for another deploy of the same project on that host.",
    default: "5m",
  }),
  batch,
  "environment-name": environmentName,
  "require-host": boolean({
    description: "Fail where no line of hosts is for the branch. False: end well, and say so.",
    default: false,
  }),
  "dry-run": boolean({
    description: "Print the script that the host would get, with secrets masked, and connect to nothing.",
    default: false,
  }),
};
