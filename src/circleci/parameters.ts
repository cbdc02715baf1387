import { parseOrigin } from "../orb/origin.ts";
import { type Parameter, secret, secretIfNeeded, string, Unfit } from "../orb/parameter.ts";

/** The parameters that every command has that talks to CircleCI. */

/** Anything that a host allows in a name, but not the two that a path gives a meaning of its own. */
const segment = /^(?!\.{1,2}$)[\w.~-]+$/;

export function projectSlug(description: string): Parameter<string> {
  return string({ description }, parseSlug);
}

/** Throws `Unfit`. */
export function parseSlug(text: string): string {
  const [provider = "", ...rest] = text.split("/");
  const known = ["gh", "github", "bb", "bitbucket", "circleci"].includes(provider);
  if (known && rest.length === 2 && rest.every((part) => segment.test(part))) return text;
  throw new Unfit(`is no project slug: "${text}"`, {
    hints: [
      "A slug has three parts: gh/<org>/<repo>, bb/<org>/<repo> or circleci/<org id>/<project id>; the project's settings show it.",
    ],
  });
}

const tokenWords = {
  description: "Name of the environment variable that holds a personal API token of CircleCI.",
  default: "CIRCLE_TOKEN",
};

export const token = secret(tokenWords);
export const tokenIfNeeded = secretIfNeeded(tokenWords);

/** The value is an origin, `https://circleci.com`. */
export const host: Parameter<string> = string(
  {
    description:
      "Where CircleCI is, for its server edition; a bare host name is taken as https. Empty: CIRCLE_HOST, or else https://circleci.com.",
    default: "",
  },
  (text, env) =>
    parseOrigin(text || env.CIRCLE_HOST || "https://circleci.com", "https://circleci.example.com"),
);
