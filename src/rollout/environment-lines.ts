import type { Environment } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";
import { readLines } from "../orb/lines.ts";
import { Unfit } from "../orb/parameter.ts";
import { quote } from "../ssh/quote.ts";

export interface Variable {
  readonly name: string;
  readonly value: string;
  /** Whether the value, or a part of it, came out of a variable of the job. */
  readonly isSecret: boolean;
}

/** Names that a shell keeps for itself, so that the file would not be read or not hand them on, and the one that means the image. */
const reserved =
  /^(_|E?UID|PPID|IFS|BASH(OPTS|PID|_(?!ENV$)\w+)|SHELLOPTS|SHLVL|GROUPS|DIRSTACK|FUNCNAME|LINENO|S?RANDOM|(EPOCH)?SECONDS|EPOCHREALTIME|PIPESTATUS|OPTIND|HISTCMD|IMAGE)$/;

/** Lines of `NAME=value`, or of `NAME` for a variable of the job that goes along as it is. Throws `Unfit`. */
export function parseEnvironment(text: string, env: Environment): readonly Variable[] {
  return readLines(text).map((line) => {
    const [, name = "", assigned] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(line) ?? [];
    if (name === "" || reserved.test(name)) {
      throw new Unfit(`has a line that sets no variable: "${line.replace(/=.*/s, "=…")}"`, {
        hints: [
          "Write lines of NAME=value, or of NAME alone; UID and the like belong to the shell, and IMAGE to the parameter `image`.",
        ],
      });
    }
    const written = assigned ?? `\${${name}}`;
    const value = fillVariables(written, env);
    if (value.includes("\0")) throw new Unfit(`has a NUL character in ${name}`);
    return { name, value, isSecret: written.includes("${") };
  });
}

/** A file for a shell to read: the one form of which both versions of Compose get every byte. */
export function environmentFile(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `export ${name}=${quote(value)}\n`).join("");
}
