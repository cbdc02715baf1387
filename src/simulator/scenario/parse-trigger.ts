import type { Place } from "./place.ts";
import type { ScenarioProject, ScenarioTrigger } from "./scenario.ts";

export function parseTriggers(
  place: Place,
  projects: readonly ScenarioProject[],
): readonly ScenarioTrigger[] {
  return place.items().map((item) => parseTrigger(item, projects));
}

function parseTrigger(place: Place, projects: readonly ScenarioProject[]): ScenarioTrigger {
  const fields = place.fields(["project", "branch", "tag", "parameters", "as"]);
  if (fields.project === undefined) place.problem("names no project");
  if (fields.branch !== undefined && fields.tag !== undefined) place.problem("has both a branch and a tag");
  const project = fields.project === undefined ? "" : parseProjectName(fields.project, projects);
  return {
    project,
    branch: fields.branch === undefined ? null : parseBranch(fields.branch, project, projects),
    tag: fields.tag?.text() ?? null,
    parameters: fields.parameters === undefined ? {} : parseParameters(fields.parameters),
    as: fields.as?.text() ?? "developer",
  };
}

export function parseProjectName(place: Place, projects: readonly ScenarioProject[]): string {
  const slugs = projects.map(({ slug }) => slug);
  return place.oneOf(slugs, "a project of this scenario") ?? "";
}

/** `project` is empty where it is unknown: then every branch passes. */
export function parseBranch(place: Place, project: string, projects: readonly ScenarioProject[]): string {
  const branches = projects.find(({ slug }) => slug === project)?.branches;
  if (branches === undefined) return place.text();
  return place.oneOf(branches, `a branch of ${project}`) ?? "";
}

export function parseParameters(place: Place): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(place.entries().map(([name, value]) => [name, value.parameter()]));
}
