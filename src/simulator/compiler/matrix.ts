import type { Place, Problems } from "./problems.ts";
import { checkKeys, Entries, expectList, expectMap } from "./shape.ts";
import { entryOf, textOf, type Value, type ValueMap } from "./value.ts";

export interface Matrix {
  /** The arguments of each leg; the first parameter varies slowest. */
  readonly legs: readonly ValueMap[];
  readonly alias: string | null;
}

/** Reads an interpolated `matrix:`. */
export function expandMatrix(value: Value, place: Place, problems: Problems): Matrix {
  const map = expectMap(value, place, problems);
  if (!checkKeys(map, ["parameters", "exclude", "alias"], ["parameters"], place, problems)) {
    return problems.abandon();
  }
  let legs: readonly ValueMap[] = [{}];
  for (const [name, choices] of Object.entries(expectMap(map.parameters, place.at("parameters"), problems))) {
    const values = expectList(choices, place.at("parameters", name), problems);
    legs = legs.flatMap((leg) => values.map((choice) => ({ ...leg, [name]: choice })));
  }
  const excluded = expectList(entryOf(map, "exclude") ?? [], place.at("exclude"), problems).map(
    (item, index) => identityOf(expectMap(item, place.at("exclude", index), problems)),
  );
  const kept = legs.filter((leg) => !excluded.includes(identityOf(leg)));
  if (kept.length === 0) return problems.fail(place, "The matrix has no jobs left");
  return { legs: kept, alias: new Entries(map, place, problems).text("alias") };
}

function sorted(leg: ValueMap): readonly (readonly [string, Value])[] {
  return Object.entries(leg).sort(([a], [b]) => (a < b ? -1 : 1));
}

function identityOf(leg: ValueMap): string {
  return JSON.stringify(sorted(leg));
}

/** `job-a-b`: the values in the alphabetical order of their parameters. */
export function matrixName(job: string, leg: ValueMap): string {
  return [job, ...sorted(leg).map(([, value]) => nameOf(value))].join("-");
}

function nameOf(value: Value): string {
  const text = textOf(value);
  if (text !== null) return text;
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : null;
  return typeof name === "string" ? name : JSON.stringify(value);
}
