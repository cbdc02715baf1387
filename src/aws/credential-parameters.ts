import { fillVariables } from "../orb/fill-variables.ts";
import { secretIfNeeded, string, Unfit } from "../orb/parameter.ts";

/** Who calls. */
export const credentialParameters = {
  "role-arn": string(
    {
      description:
        "ARN of the role to assume with this job's OpenID Connect token, so that no access key has to be kept; ${NAME} is filled from the environment. Empty: the access key is used.",
      default: "",
    },
    (text, env) => {
      const arn = fillVariables(text, env);
      if (arn === "" || /^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) return arn;
      throw new Unfit(`is no ARN of a role: "${arn}"`, {
        hints: ["A role's ARN looks like arn:aws:iam::123456789012:role/circleci."],
      });
    },
  ),
  "oidc-token": secretIfNeeded({
    description: "Name of the environment variable that holds the OpenID Connect token.",
    default: "CIRCLE_OIDC_TOKEN_V2",
  }),
  "access-key-id": secretIfNeeded({
    description: "Name of the environment variable that holds the id of the access key.",
    default: "AWS_ACCESS_KEY_ID",
  }),
  "secret-access-key": secretIfNeeded({
    description: "Name of the environment variable that holds the secret of the access key.",
    default: "AWS_SECRET_ACCESS_KEY",
  }),
  "session-token": secretIfNeeded({
    description: "Name of the environment variable that holds the session token of temporary credentials.",
    default: "AWS_SESSION_TOKEN",
  }),
};
