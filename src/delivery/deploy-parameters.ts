import type { Environment } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";
import { string, Unfit } from "../orb/parameter.ts";

/** Of a file in the checkout. Throws `Unfit`, as all of these. */
export function parsePath(text: string, env: Environment): string {
  const path = fillVariables(text, env);
  if (!path.startsWith("/") && !path.split("/").includes("..")) return path;
  throw new Unfit(`leads out of the checkout: "${path}"`, {
    hints: ["Give a path below the job's working directory."],
  });
}

/** Docker's grammar of a reference, in short: name, tag, digest. */
const reference = /^[\w][\w.-]*(:\d+)?(\/[\w.-]+)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/;

function parseImage(text: string, env: Environment): string {
  const image = fillVariables(text, env) || env.CIRCLEBACK_IMAGE || "";
  if (image === "" || reference.test(image)) return image;
  throw new Unfit(`is no image: "${image}"`, {
    hints: ["Write registry/repository@sha256:…, as ecr-push exports it in CIRCLEBACK_IMAGE."],
  });
}

function parseVersion(text: string, env: Environment): string {
  const version = fillVariables(text, env);
  if (/^([\w][\w.+-]{0,127})?$/.test(version)) return version;
  throw new Unfit(`is no version: "${version}"`, {
    hints: ["Use up to 128 letters, digits, dots, dashes, underscores and plus signs."],
  });
}

/** What is deployed, as every deploy takes it. */
export const deployParameters = {
  image: string(
    {
      description:
        "The image, best by digest; ${NAME} is filled from the environment. Empty: CIRCLEBACK_IMAGE, or else the image that a job before this one has pushed or promoted.",
      default: "",
    },
    parseImage,
  ),
  version: string(
    {
      description:
        "Name of what is deployed, for people; ${NAME} is filled from the environment. Empty: the version in the image's release record, or else the commit.",
      default: "",
    },
    parseVersion,
  ),
};
