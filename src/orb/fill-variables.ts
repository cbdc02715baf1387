import type { Environment } from "../host/host.ts";
import { Unfit } from "./parameter.ts";
import { readVariable } from "./read-variable.ts";

/** What helps where a variable has no value. */
export const missingValueHints = [
  "Set it in the job's `environment`, a context or the project; what an earlier step exports must be written to $BASH_ENV.",
];

/** Puts what environment variables hold in the place of `${NAME}`, once: what they hold is never read again. Throws `Unfit`. */
export function fillVariables(text: string, env: Environment): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = readVariable(env, name);
    if (value !== undefined) return value;
    throw new Unfit(`uses \${${name}}, but there is no environment variable ${name}`, {
      hints: missingValueHints,
    });
  });
}
