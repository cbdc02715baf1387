import type { Environment } from "../../host/host.ts";
import { Unfit } from "../../orb/parameter.ts";

export type ChildParameters = Readonly<Record<string, string | number | boolean>>;

/** What CircleCI's API accepts: entries, characters of a name, characters of a value. */
const limits = { entries: 100, name: 128, value: 512 };

/**
 * The child's pipeline parameters from a JSON object or from lines `key=value`, with `${NAME}` filled from
 * the environment in one pass: what a variable holds is never read again. Throws `Unfit`.
 */
export function parseChildParameters(text: string, env: Environment): ChildParameters {
  const entries = text.startsWith("{") ? parseObject(text, env) : parseLines(text, env);
  if (entries.length > limits.entries) {
    throw new Unfit(`has ${entries.length} entries; CircleCI takes ${limits.entries}`);
  }
  const parameters = new Map<string, string | number | boolean>();
  for (const [name, value] of entries) {
    if (name.length > limits.name) {
      throw new Unfit(
        `has a name of ${name.length} characters; CircleCI takes ${limits.name}: "${name.slice(0, 40)}…"`,
      );
    }
    if (String(value).length > limits.value) {
      throw new Unfit(
        `has a value of ${String(value).length} characters for "${name}"; CircleCI takes ${limits.value}`,
      );
    }
    if (parameters.has(name)) throw new Unfit(`gives "${name}" twice`);
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

function parseObject(text: string, env: Environment): [string, string | number | boolean][] {
  const value = parseJson(text);
  return Object.entries(value).map(([name, given]) => {
    if (typeof given === "string") return [name, fill(given, env)];
    if (typeof given === "boolean" || Number.isSafeInteger(given)) return [name, given as number | boolean];
    throw new Unfit(
      `gives "${name}" the value ${JSON.stringify(given)}; only strings, whole numbers and true or false can be passed`,
    );
  });
}

function parseJson(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw new Unfit(
      `begins with { but is no JSON object: ${error instanceof Error ? error.message : String(error)}`,
      {
        hints: ["Put names and texts into double quotes, or write one key=value a line."],
      },
    );
  }
}

function parseLines(text: string, env: Environment): [string, string | number | boolean][] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter(Boolean).map((line) => {
    const [, name, value = ""] = /^([^=\s"']+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) {
      throw new Unfit(`has a line that is not key=value: "${line.slice(0, 80)}"`, {
        hints: ["Write one key=value a line, or one JSON object."],
      });
    }
    return [name, parseValue(name, value, env)];
  });
}

/** The type is that of the text as written: a variable's content is always a string. */
function parseValue(name: string, text: string, env: Environment): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return fill(text, env);
  if (text.length < 2 || !text.endsWith(quote))
    throw new Unfit(`has a quote that is never closed at "${name}"`);
  return fill(text.slice(1, -1), env);
}

function fill(text: string, env: Environment): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = env[name];
    if (value !== undefined) return value;
    throw new Unfit(`uses \${${name}}, but there is no environment variable ${name}`);
  });
}
