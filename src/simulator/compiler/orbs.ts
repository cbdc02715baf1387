import { interpolate, type Scope, scopeOf } from "./interpolate.ts";
import { type Library, type PipelineScope, readSections } from "./library.ts";
import { parseSource } from "./parse-source.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, expectMap, mismatch } from "./shape.ts";
import { entryOf, isMap, type Value, type ValueMap } from "./value.ts";

const orbKeys = ["version", "description", "display", "orbs", "commands", "jobs", "executors", "examples"];

interface OrbSources {
  readonly registry: ReadonlyMap<string, string>;
  readonly pipeline: PipelineScope;
  readonly problems: Problems;
}

/**
 * Loads what an `orbs:` section names: registry references from `sources`, inline orbs as they stand, and the orbs
 * that they import. `importing` holds the references on the way here.
 */
export function loadOrbs(
  section: Value | undefined,
  scope: Scope,
  place: Place,
  sources: OrbSources,
  importing: readonly string[] = [],
): ReadonlyMap<string, Library> {
  const orbs = new Map<string, Library>();
  if (section === undefined || section === null) return orbs;
  const { problems } = sources;
  for (const [alias, raw] of Object.entries(expectMap(section, place, problems))) {
    const at = place.at(alias);
    const orb = problems.attempt(() => {
      // Only a reference is interpolated: the body of an inline orb is a scope of its own.
      const value = typeof raw === "string" ? interpolate(raw, scope, at, problems) : raw;
      if (isMap(value)) return libraryOf(value, at, sources, importing);
      if (typeof value !== "string") return problems.fail(at, mismatch("String", value));
      return loadFromRegistry(value, at, sources, importing);
    });
    if (orb !== undefined) orbs.set(alias, orb);
  }
  return orbs;
}

function loadFromRegistry(
  reference: string,
  place: Place,
  sources: OrbSources,
  importing: readonly string[],
): Library {
  const { problems } = sources;
  if (importing.includes(reference)) {
    return problems.fail(place, `Circular orb import: ${[...importing, reference].join(" → ")}`);
  }
  const source = sources.registry.get(reference);
  if (source === undefined) {
    return problems.fail(
      place,
      `Cannot find ${reference} in the orb registry. Check that the namespace, orb name and version are correct.`,
    );
  }
  return readOrb(source, `Orb '${reference}': `, place, sources, [...importing, reference]);
}

/** The library that the text of an orb is. `label` begins the messages about the text as a whole. */
export function readOrb(
  source: string,
  label: string,
  place: Place,
  sources: OrbSources,
  importing: readonly string[] = [],
): Library {
  const { problems } = sources;
  const parsed = parseSource(source);
  if (!parsed.ok) return problems.fail(place, `${label}${parsed.message}`);
  const body = expectMap(parsed.value, place, problems);
  if (String(body.version ?? "") !== "2.1") {
    return problems.fail(place, `${label}orbs must declare version: 2.1`);
  }
  return libraryOf(body, place, sources, importing);
}

function libraryOf(body: ValueMap, place: Place, sources: OrbSources, importing: readonly string[]): Library {
  if (!checkKeys(body, orbKeys, [], place, sources.problems)) return sources.problems.abandon();
  const library: Library = {
    path: place.path.map(String),
    ...readSections(body, place, sources.problems),
    orbs: new Map(),
    pipeline: { values: sources.pipeline.values, parameters: null },
    templated: true,
  };
  const imported = loadOrbs(entryOf(body, "orbs"), scopeOf(library), place.at("orbs"), sources, importing);
  return { ...library, orbs: imported };
}
