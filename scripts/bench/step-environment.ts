import { variableOf } from "../../src/orb/define-command.ts";
import { loadDefinitions } from "../definitions.ts";

type Variables = Readonly<Record<string, string>>;

/** The variables in which a step finds its parameters: the given ones over the defaults. */
export async function stepEnvironment(command: string, given: Variables = {}): Promise<Variables> {
  const definition = (await loadDefinitions()).find(({ name }) => name === command);
  const entries = Object.entries(definition?.parameters ?? {}).map(([name, parameter]) => {
    const value = given[name] ?? parameter.default ?? "";
    return [variableOf(name), String(typeof value === "boolean" ? Number(value) : value)] as const;
  });
  return Object.fromEntries(entries);
}
