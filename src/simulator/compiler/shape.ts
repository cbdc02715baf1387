import type { Place, Problems } from "./problems.ts";
import { entryOf, isList, isMap, typeOf, type Value, type ValueMap } from "./value.ts";

/** Checks of form, worded like CircleCI's schema violations. A null counts as an absent key. */

const schemaNames: Readonly<Record<string, string>> = {
  null: "Null",
  string: "String",
  integer: "Integer",
  number: "Number",
  boolean: "Boolean",
  sequence: "Sequence",
  mapping: "Mapping",
};

export function mismatch(expected: string, value: Value): string {
  const found = typeOf(value);
  return `expected type: ${expected}, found: ${schemaNames[found] ?? found}`;
}

export function expectMap(value: Value | undefined, place: Place, problems: Problems): ValueMap {
  return isMap(value) ? value : problems.fail(place, mismatch("Mapping", value ?? null));
}

export function expectList(value: Value | undefined, place: Place, problems: Problems): readonly Value[] {
  return isList(value) ? value : problems.fail(place, mismatch("Sequence", value ?? null));
}

function expectText(value: Value | undefined, place: Place, problems: Problems): string {
  return typeof value === "string" ? value : problems.fail(place, mismatch("String", value ?? null));
}

/** Reports keys that are not permitted and required ones that are missing; false when there were any. */
export function checkKeys(
  map: ValueMap,
  permitted: readonly string[],
  required: readonly string[],
  place: Place,
  problems: Problems,
): boolean {
  const extraneous = Object.keys(map).filter((key) => !permitted.includes(key));
  for (const key of extraneous) {
    problems.report(
      place,
      `extraneous key [${key}] is not permitted\nPermitted keys:${permitted.map((name) => `\n  - ${name}`).join("")}`,
    );
  }
  const missing = required.filter((key) => (entryOf(map, key) ?? null) === null);
  for (const key of missing) problems.report(place, `required key [${key}] not found`);
  return extraneous.length + missing.length === 0;
}

/** Typed access to the entries of one map; a wrong type is reported and gives up. */
export class Entries {
  readonly #map: ValueMap;
  readonly #place: Place;
  readonly #problems: Problems;

  constructor(map: ValueMap, place: Place, problems: Problems) {
    this.#map = map;
    this.#place = place;
    this.#problems = problems;
  }

  value(key: string): Value {
    return entryOf(this.#map, key) ?? null;
  }

  #fail(key: string, message: string): never {
    return this.#problems.fail(this.#place.at(key), message);
  }

  text(key: string): string | null {
    const value = this.value(key);
    if (value === null || typeof value === "string") return value;
    return this.#fail(key, mismatch("String", value));
  }

  requiredText(key: string): string {
    return this.text(key) ?? this.#problems.fail(this.#place, `required key [${key}] not found`);
  }

  boolean(key: string): boolean | null {
    const value = this.value(key);
    if (value === null || typeof value === "boolean") return value;
    return this.#fail(key, mismatch("Boolean", value));
  }

  integer(key: string, least: number, most: number): number | null {
    const value = this.value(key);
    if (value === null) return null;
    if (typeof value !== "number" || !Number.isInteger(value)) {
      return this.#fail(key, mismatch("Integer", value));
    }
    if (value < least || value > most) {
      const range = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `between ${least} and ${most}`;
      return this.#fail(key, `${key} must be ${range}, found: ${value}`);
    }
    return value;
  }

  texts(key: string): readonly string[] | null {
    const value = this.value(key);
    if (value === null) return null;
    // CircleCI's own guides write `paths: .` where the reference asks for a list.
    if (typeof value === "string") return [value];
    const list = expectList(value, this.#place.at(key), this.#problems);
    return list.map((item, index) => expectText(item, this.#place.at(key, index), this.#problems));
  }

  requiredTexts(key: string): readonly string[] {
    return this.texts(key) ?? this.#problems.fail(this.#place, `required key [${key}] not found`);
  }
}
