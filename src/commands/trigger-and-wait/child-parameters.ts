import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

export type ChildParameters = Readonly<Record<string, string | number | boolean>>;

/** What CircleCI's API accepts: entries, characters of a name, characters of a value. */
export const parameterLimits = { entries: 100, name: 128, value: 512 };

const valueHints = ["Pass less, such as a URL or a revision by which the child finds the rest."];

/**
 * The child's pipeline parameters from a JSON object or from lines `key=value`, with `${NAME}` filled from
 * the environment in one pass: what a variable holds is never read again. Throws `Unfit`.
 */
export function parseChildParameters(text: string, env: Environment): ChildParameters {
  const entries = text.startsWith("{") ? parseObject(text, env) : parseLines(text, env);
  if (entries.length > parameterLimits.entries) {
    throw new Unfit(`has ${entries.length} entries; CircleCI takes ${parameterLimits.entries}`, {
      hints: valueHints,
    });
  }
  const parameters = new Map<string, string | number | boolean>();
  for (const [name, value] of entries) {
    if (String(value).length > parameterLimits.value) {
      throw new Unfit(
        `has a value of ${String(value).length} characters for "${name}"; CircleCI takes ${parameterLimits.value}`,
        { hints: valueHints },
      );
    }
    if (parameters.has(name)) throw new Unfit(`gives "${name}" twice`, { hints: ["Keep one of the two."] });
    parameters.set(parseParameterName(name), value);
  }
  return Object.fromEntries(parameters);
}

/** The name of a pipeline parameter, within CircleCI's limit. Throws `Unfit`. */
export function parseParameterName(name: string): string {
  if (name.length <= parameterLimits.name) return name;
  throw new Unfit(
    `has a name of ${name.length} characters; CircleCI takes ${parameterLimits.name}: "${name.slice(0, 40)}…"`,
    { hints: ["Give the parameter a shorter name, in the child's configuration too."] },
  );
}

function parseObject(text: string, env: Environment): [string, string | number | boolean][] {
  const value = new Map<string, unknown>(Object.entries(parseJson(text)));
  return listNames(text).map((name) => {
    const given = value.get(name);
    if (typeof given === "string") return [name, fillVariables(given, env)];
    if (typeof given === "boolean" || Number.isSafeInteger(given)) return [name, given as number | boolean];
    throw new Unfit(
      `gives "${name}" the value ${JSON.stringify(given)}; only strings, whole numbers and true or false can be passed`,
      { hints: ["Put anything else into double quotes: the child gets it as a string."] },
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

/** The names of a JSON object as they are written, each as often as it is: the parser keeps the last of equal ones, and says nothing. */
function listNames(json: string): readonly string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g)) {
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (depth === 1 && colon !== undefined)
      names.push(String(JSON.parse(token.slice(0, -colon.length))));
  }
  return names;
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

/**
 * Quotes and lines are those of the text as written, whatever a variable holds; an unquoted value has its type
 * once the variables are in.
 */
function parseValue(name: string, text: string, env: Environment): string | number | boolean {
  const quote = text[0];
  if (quote !== '"' && quote !== "'") return parseUnquoted(fillVariables(text, env));
  if (text.length < 2 || !text.endsWith(quote)) {
    throw new Unfit(`has a quote that is never closed at "${name}"`, {
      hints: ["End the value with the quote that it begins with: nothing may follow."],
    });
  }
  return fillVariables(text.slice(1, -1), env);
}

/** A number with leading zeros is none: it could not be written back as it was. */
function parseUnquoted(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  const isWholeNumber = /^(0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));
  return isWholeNumber ? Number(text) : text;
}
