import type { Place, Problems } from "./problems.ts";
import { mismatch } from "./shape.ts";
import { isList, isMap, textOf, type Value, type ValueMap } from "./value.ts";

/** `environment:` as one map; it may be written as `NAME=value`, or as a list of such texts and of maps. */
export function environmentMap(value: Value, place: Place, problems: Problems): ValueMap {
  if (value === null) return {};
  if (isMap(value)) return value;
  if (!isList(value)) return readPair(value, place, problems);
  const merged: Record<string, Value> = {};
  value.forEach((item, index) => {
    Object.assign(merged, isMap(item) ? item : readPair(item, place.at(index), problems));
  });
  return merged;
}

function readPair(value: Value, place: Place, problems: Problems): ValueMap {
  const at = typeof value === "string" ? value.indexOf("=") : -1;
  if (typeof value !== "string" || at < 0) return problems.fail(place, mismatch("Mapping", value));
  return { [value.slice(0, at)]: value.slice(at + 1) };
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
