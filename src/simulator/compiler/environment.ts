import type { Place, Problems } from "./problems.ts";
import { mismatch } from "./shape.ts";
import { isList, isMap, textOf, type Value, type ValueMap } from "./value.ts";

/** `environment:` as one map; it may be written as a list of maps or of `NAME=value`. */
export function environmentMap(value: Value, place: Place, problems: Problems): ValueMap {
  if (value === null) return {};
  if (isMap(value)) return value;
  if (!isList(value)) return problems.fail(place, mismatch("Mapping", value));
  const merged: Record<string, Value> = {};
  value.forEach((item, index) => {
    if (isMap(item)) Object.assign(merged, item);
    else if (typeof item === "string" && item.includes("=")) {
      merged[item.slice(0, item.indexOf("="))] = item.slice(item.indexOf("=") + 1);
    } else problems.fail(place.at(index), mismatch("Mapping", item));
  });
  return merged;
}

/**
 * The texts that reach the process. CircleCI's agent turns booleans into 1 and 0 and an empty pipeline value into
 * `<nil>`; the compiled document still shows the values themselves.
 */
export function decodeEnvironment(
  map: ValueMap,
  place: Place,
  problems: Problems,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => {
      if (value === null) return [name, "<nil>"];
      if (typeof value === "boolean") return [name, value ? "1" : "0"];
      return [name, textOf(value) ?? problems.fail(place.at(name), mismatch("String", value))];
    }),
  );
}
