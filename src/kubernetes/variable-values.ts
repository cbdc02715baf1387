import { isList, isMapping, type Json } from "./json.ts";

/** The values of the containers' variables: of every list named `env`, wherever it is. */
export function findVariableValues(value: Json): readonly string[] {
  if (isList(value)) return value.flatMap(findVariableValues);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "env" && isList(inner)
      ? inner.flatMap((each) => (isMapping(each) && typeof each.value === "string" ? [each.value] : []))
      : findVariableValues(inner),
  );
}
