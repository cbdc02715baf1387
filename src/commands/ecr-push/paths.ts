import { posix } from "node:path";
import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

export const outsideHints = [
  "Write a path below the working directory of the job, such as . or services/api.",
];

/**
 * The build context, within the checkout. It begins with a dot, so that Docker takes it neither for an option nor for
 * a URL. Throws `Unfit`.
 */
export function parseContext(text: string, env: Environment): string {
  const path = posix.normalize(parseFile(text, env)).replace(/(.)\/$/, "$1");
  if (!isInside(path)) throw new Unfit(`leads out of the checkout: "${path}"`, { hints: outsideHints });
  return path === "." ? path : `./${path}`;
}

/** A path that is still to be seen from another one. Throws `Unfit`. */
export function parseFile(text: string, env: Environment): string {
  const path = fillVariables(text, env);
  if (path !== "") return path;
  throw new Unfit("is empty", { hints: outsideHints });
}

/** The Dockerfile, given as seen from the build context, as seen from the working directory. */
export function dockerfilePath(context: string, dockerfile: string): string {
  const path = posix.isAbsolute(dockerfile) ? dockerfile : posix.join(context, dockerfile);
  return isInside(path) ? `./${path}` : path;
}

export function isInside(path: string): boolean {
  return !posix.isAbsolute(path) && path !== ".." && !path.startsWith("../");
}
