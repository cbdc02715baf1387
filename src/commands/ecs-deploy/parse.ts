import * as v from "valibot";
import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";
import { parseEnvironment, type Variable } from "../../rollout/environment-lines.ts";

/** A name of ECS, or an ARN. Throws `Unfit`, as all of these. */
export function parseName(text: string, env: Environment): string {
  const name = fillVariables(text, env);
  if (/^(arn:aws[\w-]*:ecs:[\w-]+:\d{12}:\w+\/[\w/-]+|[\w-]{1,255})$/.test(name)) return name;
  throw new Unfit(`is no name in ECS: "${name}"`, {
    hints: ["Use letters, digits, dashes and underscores, or a whole ARN."],
  });
}

export function parseContainer(text: string, env: Environment): string {
  const name = fillVariables(text, env);
  if (/^[\w-]{0,255}$/.test(name)) return name;
  throw new Unfit(`is no name of a container: "${name}"`, {
    hints: ["Use the name that the container has in the task definition."],
  });
}

const Variables = v.record(v.pipe(v.string(), v.nonEmpty()), v.union([v.string(), v.number(), v.boolean()]));

/** An object in JSON, or lines of `NAME=value`. What it complains of is never the value. */
export function parseVariables(text: string, env: Environment): readonly Variable[] {
  if (!text.startsWith("{")) return parseEnvironment(text, env);
  const parsed = v.safeParse(Variables, parseJson(text));
  if (!parsed.success) {
    const place = v.getDotPath(parsed.issues[0]);
    throw new Unfit(place ? `has no text at ${place}` : "begins like JSON, but is no object of texts", {
      hints: ['Write {"NAME": "value"}, or lines of NAME=value.'],
    });
  }
  return Object.entries(parsed.output).map(([name, given]) => {
    const written = String(given);
    return { name, value: fillVariables(written, env), isSecret: written.includes("${") };
  });
}

export interface Command {
  /** None: there is no command. */
  readonly words: readonly string[];
  /** As it is given: what is filled in may be a secret. */
  readonly shown: string;
}

/** Words as JSON, where one of them has a blank in it, or else separated by blanks. */
export function parseCommand(text: string, env: Environment): Command {
  if (!text.startsWith("[")) {
    return { words: fillVariables(text, env).split(/\s+/).filter(Boolean), shown: text };
  }
  const parsed = v.safeParse(v.pipe(v.array(v.string()), v.nonEmpty()), parseJson(text));
  if (parsed.success) return { words: parsed.output.map((word) => fillVariables(word, env)), shown: text };
  throw new Unfit("begins like JSON, but is no list of texts", {
    hints: ['Write ["./migrate", "up"], or ./migrate up.'],
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
