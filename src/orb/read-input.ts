import { UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";
import {
  type BrokenRule,
  type CommandDefinition,
  type InputOf,
  type Parameters,
  variableOf,
} from "./define-command.ts";
import { Unfit } from "./parameter.ts";

const emptyHints = ["Give it a value in your configuration; one that is computed may have come out empty."];

/**
 * The checked values of all parameters of a command, from the environment of its step.
 * Throws one `UserError` that names every parameter that cannot be used.
 */
export function readInput<P extends Parameters>(
  definition: CommandDefinition<P>,
  env: Environment,
): InputOf<P> {
  const unfit: (BrokenRule & Pick<Unfit, "code">)[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(definition.parameters)) {
    const text = textOf(env[variableOf(name)]);
    try {
      if (text === "" && parameter.default === undefined) {
        throw new Unfit("is required, but empty", { hints: emptyHints });
      }
      values[camelCase(name)] = parameter.parse(text, env);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      const { message, hints, code } = error;
      unfit.push({ sentence: `Parameter \`${name}\` ${message}.`, hints, code });
    }
  }
  const problems = unfit.length > 0 ? unfit : (definition.rules?.(values as InputOf<P>) ?? []);
  if (problems.length === 0) return values as InputOf<P>;

  const codes = new Set(unfit.map(({ code }) => code));
  const [code = "parameter.invalid"] = codes;
  const sentences = problems.map(({ sentence }) => sentence);
  throw new UserError(codes.size > 1 ? "parameter.invalid" : code, sentences.join("\n"), {
    hints: [...new Set(problems.flatMap(({ hints }) => hints))],
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
