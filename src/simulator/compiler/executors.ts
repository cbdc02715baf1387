import { environmentMap } from "./environment.ts";
import { interpolate, scopeOf } from "./interpolate.ts";
import { findElement, type Library } from "./library.ts";
import { bindArguments, readDeclarations, scalarBinder } from "./parameters.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, expectMap, mismatch } from "./shape.ts";
import { BoundExecutor, isMap, type Value, type ValueMap, withoutKeys } from "./value.ts";

export const executorTypes = ["docker", "machine", "macos"] as const;

export const executorKeys = [
  ...executorTypes,
  "resource_class",
  "shell",
  "working_directory",
  "environment",
] as const;

/** Reads `name` or `{name, …arguments}`; the name belongs to `library` unless it came in as an argument. */
export function bindExecutor(
  value: Value,
  library: Library,
  place: Place,
  problems: Problems,
): BoundExecutor {
  if (value instanceof BoundExecutor) return value;
  if (typeof value === "string") return new BoundExecutor(value, {}, library);
  if (!isMap(value)) return problems.fail(place, mismatch("String", value));
  const name = value.name ?? null;
  const given = withoutKeys(value, ["name"]);
  if (name instanceof BoundExecutor) {
    return new BoundExecutor(name.name, { ...name.arguments, ...given }, name.library);
  }
  if (typeof name !== "string") return problems.fail(place, "required key [name] not found");
  return new BoundExecutor(name, given, library);
}

/** The keys that an executor gives to a job, without parameters. */
export function expandExecutor(executor: BoundExecutor, place: Place, problems: Problems): ValueMap {
  const found = findElement(executor.library, "executors", executor.name);
  if (found === null) {
    return problems.fail(place, `Cannot find a definition for executor named ${executor.name}`);
  }
  const inside = place.calling("executor", executor.name).jumpTo(found.path);
  const definition = expectMap(found.definition, inside, problems);
  checkKeys(definition, [...executorKeys, "parameters", "description"], [], inside, problems);
  const declarations = readDeclarations(definition.parameters, inside.at("parameters"), problems);
  const parameters = bindArguments(
    declarations,
    {
      given: executor.arguments,
      place: place.calling("executor", executor.name),
      binder: scalarBinder(problems),
      defaultPlace: inside.at("parameters"),
      defaultBinder: scalarBinder(problems),
      expand: (value, at) => interpolate(value, scopeOf(found.library), at, problems),
    },
    problems,
  );
  const body = withoutKeys(definition, ["parameters", "description"]);
  return expectMap(interpolate(body, scopeOf(found.library, parameters), inside, problems), inside, problems);
}

/** A job's own keys win over its executor's; variables are added together. */
export function mergeExecutor(executor: ValueMap, job: ValueMap, place: Place, problems: Problems): ValueMap {
  const ownType = executorTypes.some((type) => Object.hasOwn(job, type));
  const inherited = ownType ? withoutKeys(executor, executorTypes) : executor;
  const environment = {
    ...environmentMap(executor.environment ?? null, place.at("environment"), problems),
    ...environmentMap(job.environment ?? null, place.at("environment"), problems),
  };
  const merged: ValueMap = { ...inherited, ...job };
  return Object.keys(environment).length === 0
    ? withoutKeys(merged, ["environment"])
    : { ...merged, environment };
}
