import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

/** Throws `Unfit`. */
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
