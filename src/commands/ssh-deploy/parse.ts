import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";
import { type FilledText, fillText } from "../../rollout/filled-text.ts";

/** Throws `Unfit`. */
export function parseServices(text: string, env: Environment): readonly string[] {
  const services = fillVariables(text, env)
    .split(/[\s,]+/)
    .filter(Boolean);
  const wrong = services.find((service) => !/^[a-zA-Z0-9_][\w.-]*$/.test(service));
  if (wrong === undefined) return services;
  throw new Unfit(`has no name of a service in "${wrong}"`, { hints: ["Separate the names by blanks."] });
}

export function parseWords(written: string, env: Environment): FilledText {
  const split = (value: string) => value.split(/\s+/).filter(Boolean);
  const { text, shown, secrets } = fillText(written, env);
  const words = split(text);
  if (words.length === 0 || /^[a-zA-Z0-9_][\w.-]*$/.test(words[0] ?? "")) {
    return { text: words.join(" "), shown: split(shown).join(" "), secrets: secrets.flatMap(split) };
  }
  throw new Unfit(`does not begin with the name of a service: "${split(shown)[0]}"`, {
    hints: ["Write the service and then the command: api ./migrate up."],
  });
}
