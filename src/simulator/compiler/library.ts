import type { Place, Problems } from "./problems.ts";
import { expectMap } from "./shape.ts";
import { entryOf, type Value, type ValueMap } from "./value.ts";

/** Pipeline values and parameters as one body of configuration sees them. */
export interface PipelineScope {
  readonly values: ValueMap;
  /** Null inside orbs: pipeline parameters are not in scope there. */
  readonly parameters: ValueMap | null;
}

/** A configuration or an orb: a scope of names for everything that is written in it. */
export interface Library {
  readonly path: readonly string[];
  readonly commands: ValueMap;
  readonly jobs: ValueMap;
  readonly executors: ValueMap;
  readonly orbs: ReadonlyMap<string, Library>;
  readonly pipeline: PipelineScope;
  /** False for version 2.0, where `<<` means nothing. */
  readonly templated: boolean;
}

export type ElementKind = "commands" | "jobs" | "executors";

export interface FoundElement {
  readonly library: Library;
  readonly definition: Value;
  readonly path: readonly string[];
}

/** Finds `name` in the library itself, or `orb/name` in one of its orbs. */
export function findElement(library: Library, kind: ElementKind, name: string): FoundElement | null {
  const own = entryOf(library[kind], name);
  if (own !== undefined) return { library, definition: own, path: [...library.path, kind, name] };
  const slash = name.indexOf("/");
  const orb = slash < 0 ? undefined : library.orbs.get(name.slice(0, slash));
  if (orb === undefined) return null;
  const element = name.slice(slash + 1);
  const definition = entryOf(orb[kind], element);
  return definition === undefined ? null : { library: orb, definition, path: [...orb.path, kind, element] };
}

/** The elements that a configuration or an orb defines; a section may be missing or empty. */
export function readSections(body: ValueMap, place: Place, problems: Problems): Pick<Library, ElementKind> {
  const section = (kind: ElementKind): ValueMap => {
    const value = entryOf(body, kind) ?? null;
    return value === null ? {} : expectMap(value, place.at(kind), problems);
  };
  return { commands: section("commands"), jobs: section("jobs"), executors: section("executors") };
}
