/** Any JSON. */
export type Json = null | boolean | number | string | readonly Json[] | Mapping;

export interface Mapping {
  readonly [key: string]: Json;
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isMapping(value: Json | undefined): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands at a path, or undefined where there is no such place. */
export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce((inner, key) => (isMapping(inner) ? inner[key] : undefined), value);
}

/** The text at a path; empty where there is none. */
export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

export function listAt(value: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const found = at(value, ...path);
  return isList(found) ? found : [];
}

/** Null for what is no JSON. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}
