import { readdir } from "node:fs/promises";
import type { CommandDefinition } from "../src/orb/define-command.ts";

const folder = new URL("../src/commands/", import.meta.url);

/** Every command of the orb, by name: a folder in `src/commands` is all that it takes to add one. */
export async function loadDefinitions(): Promise<readonly CommandDefinition[]> {
  const names = (await readdir(folder)).sort();
  const modules = names.map((name) => import(new URL(`${name}/definition.ts`, folder).href));
  return (await Promise.all(modules)).map(({ definition }) => definition as CommandDefinition);
}
