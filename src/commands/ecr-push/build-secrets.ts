import type { Environment } from "../../host/host.ts";
import { lineNumber, readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";
import { readVariable } from "../../orb/read-variable.ts";
import { looksPasted } from "../../orb/secret-form.ts";

export interface BuildSecret {
  readonly id: string;
  readonly variable: string;
}

/** Lines `id=ENV_NAME`. Throws `Unfit`. */
export function parseBuildSecrets(text: string, env: Environment): readonly BuildSecret[] {
  const found = new Set<string>();
  return readLines(text).map((line) => {
    const [, id, variable] = /^([\w.-]+)\s*=\s*([A-Za-z_]\w*)$/.exec(line) ?? [];
    if (id === undefined || variable === undefined) {
      throw new Unfit(`has a line that is not id=ENV_NAME: line ${lineNumber(text, line)}`, {
        hints: [
          "Name the environment variable that holds the secret, such as npm=NPM_TOKEN; never write the secret itself.",
        ],
      });
    }
    if (found.has(id))
      throw new Unfit(`gives the secret \`${id}\` twice`, { hints: ["Keep one of the two."] });
    found.add(id);
    if (looksPasted(variable)) {
      throw new Unfit(`has a secret itself for \`${id}\`, not the name of an environment variable`, {
        hints: [
          "Revoke that secret, since configurations are read by many. Put a new one into a context, and the name of its variable here.",
        ],
      });
    }
    if (!readVariable(env, variable)) {
      throw new Unfit(`takes the secret \`${id}\` from ${variable}, which is not set`, {
        hints: [`Put ${variable} into a context that this job lists under \`context:\`.`],
      });
    }
    return { id, variable };
  });
}
