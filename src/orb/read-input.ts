import { UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";
import { type CommandDefinition, type InputOf, type Parameters, variableOf } from "./define-command.ts";
import { Unfit } from "./parameter.ts";

/**
 * The checked values of all parameters of a command, from the environment of its step.
 * Throws one `UserError` that names every parameter that cannot be used.
 */
export function readInput<P extends Parameters>(
  definition: CommandDefinition<P>,
  env: Environment,
): InputOf<P> {
  const unfit: { readonly sentence: string; readonly error: Unfit }[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(definition.parameters)) {
    const text = textOf(env[variableOf(name)]);
    try {
      if (text === "" && parameter.default === undefined) throw new Unfit("is required, but empty");
      values[camelCase(name)] = parameter.parse(text, env);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      unfit.push({ sentence: `Parameter \`${name}\` ${error.message}.`, error });
    }
  }
  const broken = unfit.length > 0 ? [] : (definition.rules?.(values as InputOf<P>) ?? []);
  const sentences = [...unfit.map(({ sentence }) => sentence), ...broken];
  if (sentences.length === 0) return values as InputOf<P>;

  const codes = new Set(unfit.map(({ error }) => error.code));
  const [code = "parameter.invalid"] = codes;
  throw new UserError(codes.size > 1 ? "parameter.invalid" : code, sentences.join("\n"), {
    hints: [...new Set(unfit.flatMap(({ error }) => error.hints))],
  });
}

/** An empty pipeline value arrives as `<nil>`. */
function textOf(value: string | undefined): string {
  const text = value?.trim() ?? "";
  return text === "<nil>" ? "" : text;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}
