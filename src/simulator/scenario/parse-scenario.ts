import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { parseEvents } from "./parse-events.ts";
import { parseFaults } from "./parse-faults.ts";
import { parseTriggers } from "./parse-trigger.ts";
import { Place } from "./place.ts";
import type { Scenario, ScenarioContext, ScenarioProject, ScenarioToken } from "./scenario.ts";
import { ScenarioError } from "./scenario-error.ts";

/** Reads the text of a scenario file. Throws a `ScenarioError` that names everything that is wrong with it. */
export function parseScenario(text: string, { file }: { readonly file: string }): Scenario {
  const problems: string[] = [];
  const fields = readDocument(text, file, problems).fields([
    "orbs",
    "projects",
    "tokens",
    "contexts",
    "trigger",
    "faults",
    "events",
  ]);
  const folder = dirname(resolve(file));
  if (fields.projects === undefined || fields.projects.isEmpty())
    problems.push("The scenario has no projects.");
  const projects = fields.projects?.entries().map(([slug, place]) => parseProject(slug, place, folder)) ?? [];
  const scenario: Scenario = {
    file,
    orbs: new Map(fields.orbs?.entries().map(([name, orb]) => [name, resolve(folder, orb.text())])),
    projects,
    tokens: fields.tokens?.entries().map(([token, place]) => parseToken(token, place)) ?? [],
    contexts: fields.contexts?.entries().map(([name, place]) => parseContext(name, place)) ?? [],
    triggers: fields.trigger === undefined ? [] : parseTriggers(fields.trigger, projects),
    faults: fields.faults === undefined ? [] : parseFaults(fields.faults),
    events: fields.events === undefined ? [] : parseEvents(fields.events, projects),
  };
  if (problems.length > 0) throw new ScenarioError(file, problems);
  return scenario;
}

function readDocument(text: string, file: string, problems: string[]): Place {
  const document = parseDocument(text);
  // Later errors of the same text are mostly the first one's consequences.
  const [first] = document.errors;
  if (first !== undefined) {
    throw new ScenarioError(file, [`It is no YAML: ${first.message.split(":\n", 1)[0]}.`], { cause: first });
  }
  const typed = parseDocument(text, { schema: "failsafe" });
  return new Place("", document.toJS(), typed.toJS(), problems);
}

function parseProject(slug: string, place: Place, folder: string): ScenarioProject {
  if (!hasThreeSegments(slug))
    place.problem("is not a project slug: gh/organization/repository has three segments");
  const fields = place.fields(["path", "branches", "environment", "ssh-keys"]);
  if (fields.path === undefined) place.problem("has no path to the folder with its .circleci/config.yml");
  const branches = fields.branches?.texts() ?? ["main"];
  if (fields.branches !== undefined && branches.length === 0)
    fields.branches.problem("must name at least one branch");
  const sshKeys = fields["ssh-keys"]?.entries() ?? [];
  return {
    slug,
    path: resolve(folder, fields.path?.text() ?? ""),
    branches,
    environment: fields.environment === undefined ? {} : parseVariables(fields.environment),
    sshKeys: Object.fromEntries(sshKeys.map(([name, key]) => [name, resolve(folder, key.text())])),
  };
}

function parseToken(token: string, place: Place): ScenarioToken {
  const fields = place.fields(["login", "projects"]);
  if (fields.login === undefined) place.problem("has no login");
  const patterns = fields.projects?.items() ?? [];
  for (const pattern of patterns) {
    if (!hasThreeSegments(pattern.text()))
      pattern.problem("must have three segments, as in gh/organization/*");
  }
  return {
    token,
    login: fields.login?.text() ?? "",
    projects: fields.projects === undefined ? ["*/*/*"] : patterns.map(({ value }) => String(value)),
  };
}

/** Plain variables, or `{values, allow}`: a variable is never a list or a mapping, which tells the two apart. */
function parseContext(name: string, place: Place): ScenarioContext {
  const isPlain = place.entries().every(([, member]) => !member.isCollection());
  if (isPlain) return { name, values: parseVariables(place), allow: null };
  const fields = place.fields(["values", "allow"]);
  return {
    name,
    values: fields.values === undefined ? {} : parseVariables(fields.values),
    allow: fields.allow?.texts() ?? null,
  };
}

function parseVariables(place: Place): Readonly<Record<string, string>> {
  return Object.fromEntries(
    place.entries().map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/.test(name)) value.problem("is not the name of an environment variable");
      return [name, value.variable()];
    }),
  );
}

function hasThreeSegments(slug: string): boolean {
  return /^[^/\s]+\/[^/\s]+\/[^/\s]+$/.test(slug);
}
