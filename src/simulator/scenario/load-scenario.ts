import { readFileSync, statSync } from "node:fs";
import { parseScenario } from "./parse-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { ScenarioError } from "./scenario-error.ts";

/** A scenario with the texts of its orbs: everything that must be there before a run can begin. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly orbs: ReadonlyMap<string, string>;
}

/** Reads a scenario file and what it refers to. Throws a `ScenarioError` that names everything that is wrong. */
export function loadScenario(file: string): LoadedScenario {
  const scenario = parseScenario(readScenario(file), { file });
  const problems: string[] = [];
  const orbs = new Map<string, string>();
  for (const [reference, path] of scenario.orbs) {
    try {
      orbs.set(reference, readFileSync(path, "utf8"));
    } catch (error) {
      problems.push(`orbs.${reference}: the orb file ${path} cannot be read (${codeOf(error)}).`);
    }
  }
  for (const { slug, path, sshKeys } of scenario.projects) {
    if (!isDirectory(path)) problems.push(`projects.${slug}.path: there is no folder ${path}.`);
    for (const [fingerprint, key] of Object.entries(sshKeys)) {
      if (isFile(key)) continue;
      problems.push(`projects.${slug}.ssh-keys.${fingerprint}: there is no file ${key}.`);
    }
  }
  if (problems.length > 0) throw new ScenarioError(file, problems);
  return { scenario, orbs };
}

function readScenario(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ScenarioError(file, [`The file cannot be read (${codeOf(error)}): check its name.`], {
      cause: error,
    });
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
