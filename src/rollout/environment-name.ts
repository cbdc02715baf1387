import { fillVariables } from "../orb/fill-variables.ts";
import { string } from "../orb/parameter.ts";

export const environmentName = string(
  {
    description:
      "Name of the environment for CircleCI's deploy markers; ${NAME} is filled from the environment. Empty: the branch.",
    default: "",
  },
  (text, env) => fillVariables(text, env) || env.CIRCLE_BRANCH || "default",
);
