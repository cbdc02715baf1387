import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

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

export function parseImage(text: string, env: Environment): string {
  const image = fillVariables(text, env) || env.CIRCLEBACK_IMAGE || "";
  if (image === "" || reference.test(image)) return image;
  throw new Unfit(`is no image: "${image}"`, {
    hints: ["Write registry/repository@sha256:…, as ecr-push exports it in CIRCLEBACK_IMAGE."],
  });
}

export function parseVersion(text: string, env: Environment): string {
  const version = fillVariables(text, env);
  if (/^([\w][\w.+-]{0,127})?$/.test(version)) return version;
  throw new Unfit(`is no version: "${version}"`, {
    hints: ["Use up to 128 letters, digits, dots, dashes, underscores and plus signs."],
  });
}

export function parseServices(text: string, env: Environment): readonly string[] {
  const services = fillVariables(text, env)
    .split(/[\s,]+/)
    .filter(Boolean);
  const wrong = services.find((service) => !/^[a-zA-Z0-9_][\w.-]*$/.test(service));
  if (wrong === undefined) return services;
  throw new Unfit(`has no name of a service in "${wrong}"`, { hints: ["Separate the names by blanks."] });
}

export function parseWords(text: string, env: Environment): string {
  const words = fillVariables(text, env).split(/\s+/).filter(Boolean);
  if (words.length === 0 || /^[a-zA-Z0-9_][\w.-]*$/.test(words[0] ?? "")) return words.join(" ");
  throw new Unfit(`does not begin with the name of a service: "${words[0]}"`, {
    hints: ["Write the service and then the command: api ./migrate up."],
  });
}
