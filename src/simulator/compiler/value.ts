import type { CompiledStep } from "./compiled-config.ts";
import type { Library } from "./library.ts";

/** What a configuration is made of once YAML is parsed, plus the two kinds of argument that remember where they were written. */
export type Value =
  | null
  | string
  | number
  | boolean
  | readonly Value[]
  | ValueMap
  | BoundSteps
  | BoundExecutor;

export interface ValueMap {
  readonly [key: string]: Value;
}

/** A step in the form of version 2.0: as text to print, and decoded. */
export interface ExpandedStep {
  readonly source: Value;
  readonly step: CompiledStep;
}

/** An argument of type `steps`: expanded where it was written, because its command names belong there. */
export class BoundSteps {
  readonly steps: readonly ExpandedStep[];

  constructor(steps: readonly ExpandedStep[]) {
    this.steps = steps;
  }
}

/** An argument of type `executor`: the name belongs to the library in which the argument was written. */
export class BoundExecutor {
  readonly name: string;
  readonly arguments: ValueMap;
  readonly library: Library;

  constructor(name: string, args: ValueMap, library: Library) {
    this.name = name;
    this.arguments = args;
    this.library = library;
  }
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof BoundSteps) &&
    !(value instanceof BoundExecutor)
  );
}

/** Own keys only: a command may well be called `constructor`. */
export function entryOf(map: ValueMap, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The map without some of its keys. */
export function withoutKeys(map: ValueMap, keys: readonly string[]): ValueMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** What a value looks like inside a longer text; null where it has no such form. */
export function textOf(value: Value): string | null {
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value instanceof BoundExecutor) return value.name;
  return null;
}

/** Type names as CircleCI's type errors spell them. */
export function typeOf(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "string" || typeof value === "boolean") return typeof value;
  if (value instanceof BoundSteps) return "steps";
  if (value instanceof BoundExecutor) return "executor";
  return isList(value) ? "sequence" : "mapping";
}

export function isTruthy(value: Value): boolean {
  if (value === null || value === false || value === "" || value === 0) return false;
  if (typeof value === "number" && Number.isNaN(value)) return false;
  if (value instanceof BoundSteps) return value.steps.length > 0;
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return true;
}
