import type { Environment } from "../../host/host.ts";

/** Names that people give to variables with credentials. */
const credential = /TOKEN|SECRET|PASSWORD|KEY/i;

/** Parameters of this very step, `key` among them. */
const own = /^CIRCLEBACK_PARAM_/;

/** Anything shorter would be found in texts by chance. */
const shortest = 8;

/**
 * The variable whose value a JSON document holds, as it is or as JSON writes it, where its name is that of a
 * credential: has TOKEN, SECRET, PASSWORD or KEY in it. Null: none. `outputs`: variables that hold an output of a
 * child, which everybody can read already.
 */
export function findSecret(json: string, env: Environment, outputs: ReadonlySet<string>): string | null {
  const found = Object.entries(env).find(([name, value = ""]) => {
    if (!credential.test(name) || own.test(name) || outputs.has(name)) return false;
    const text = value.trim();
    const forms = [text, JSON.stringify(text).slice(1, -1)];
    return text.length >= shortest && forms.some((form) => json.includes(form));
  });
  return found?.[0] ?? null;
}
