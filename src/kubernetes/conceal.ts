import { isList, isMapping, type Json } from "./json.ts";

/**
 * Blanks the values of the containers' variables in what others have written: log lines, events, errors. In those
 * alone, since some value or other is a word that everybody uses.
 */
export function createConcealer(workload: Json): (text: string) => string {
  const values = findValues(workload)
    .flatMap((value) => [value, ...value.split("\n")])
    .filter((value) => value.trim().length >= 4 && !/^(true|false|null|none)$/i.test(value))
    .sort((one, other) => other.length - one.length);
  return (text) => values.reduce((blanked, value) => blanked.replaceAll(value, "[secret]"), text);
}

/** Of every list named `env`, wherever it is. */
function findValues(value: Json): readonly string[] {
  if (isList(value)) return value.flatMap(findValues);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "env" && isList(inner)
      ? inner.flatMap((each) => (isMapping(each) && typeof each.value === "string" ? [each.value] : []))
      : findValues(inner),
  );
}
