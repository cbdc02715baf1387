import type { Environment } from "../../host/host.ts";
import { canHide } from "../../host/log.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { lineNumber, readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";
import { looksSecret } from "../../orb/secret-form.ts";

/** A build argument or a label: everybody who has the image can read it. */
export interface NamedValue {
  readonly name: string;
  readonly value: string;
  /** Why it looks like something that must not be in an image; null where it does not. */
  readonly suspicion: string | null;
}

/** Lines `NAME=value`. Throws `Unfit`. */
export function parseBuildArguments(text: string, env: Environment): readonly NamedValue[] {
  const hint = "Write NAME=${NAME} to pass a variable of the job, and NAME= to pass an empty text.";
  return parseLines(text, env, /^([A-Za-z_]\w*)\s*=\s*(.*)$/, "NAME=value", hint);
}

/** Lines `key=value`. Throws `Unfit`. */
export function parseLabels(text: string, env: Environment): readonly NamedValue[] {
  const hint = "Write one key=value a line, such as org.opencontainers.image.title=API.";
  return parseLines(text, env, /^([A-Za-z0-9][\w./-]*)\s*=\s*(.*)$/, "key=value", hint);
}

function parseLines(
  text: string,
  env: Environment,
  form: RegExp,
  title: string,
  hint: string,
): readonly NamedValue[] {
  const found = new Set<string>();
  return readLines(text).map((line) => {
    const [, name, template] = form.exec(line) ?? [];
    if (name === undefined || template === undefined) {
      throw new Unfit(`has a line that is not ${title}: line ${lineNumber(text, line)}`, { hints: [hint] });
    }
    if (found.has(name)) throw new Unfit(`gives ${name} twice`, { hints: ["Keep one of the two."] });
    found.add(name);
    const value = fillVariables(template, env);
    return { name, value, suspicion: suspect(name, template, value) };
  });
}

const secretName = /secret|token|passw|pwd|credential|private_?key|api_?key|access_?key|auth(?!or)/i;

/** A switch, a count or a port: nothing that a name alone makes a secret of. */
const isHarmless = (value: string) => !canHide(value) || /^\d{1,5}$/.test(value);

function suspect(name: string, template: string, value: string): string | null {
  if (looksSecret(value)) return "by its form";
  if (isHarmless(value)) return null;
  if (secretName.test(name)) return "by its name";
  const variable = [...template.matchAll(/\$\{([^}]*)\}/g)].find(([, each = ""]) =>
    secretName.test(each),
  )?.[1];
  return variable === undefined ? null : `by the name of ${variable}`;
}
