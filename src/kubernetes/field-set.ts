import { isList, isMapping, type Json, type Mapping } from "./json.ts";

/** `fieldsV1` of an object's managedFields: the fields that somebody manages, as a tree (meta/v1, FieldsV1). */
export interface FieldSet {
  readonly [key: string]: FieldSet;
}

/** All fields of both. */
export function uniteFields(one: FieldSet, other: FieldSet): FieldSet {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, uniteFields(one[key] ?? {}, other[key] ?? {})]));
}

/** The fields of the one that the other has, too. */
export function intersectFields(one: FieldSet, other: FieldSet): FieldSet {
  const shared = Object.entries(one).flatMap(([key, inner]) => {
    const also = other[key];
    return also === undefined ? [] : [[key, intersectFields(inner, also)] as const];
  });
  return Object.fromEntries(shared);
}

/**
 * The part of an object that these fields are: applied again, it is what its manager once applied. Keys are `f:name`
 * of a mapping, `k:{"name":"api"}` of a list by key, `v:"value"` of a set, `i:0` of a list by place, `.` for the item
 * itself (structured-merge-diff, fieldpath). A field without any below it is a whole value.
 */
export function extractFields(value: Json, fields: FieldSet): Json | undefined {
  const keys = Object.keys(fields).filter((key) => key !== ".");
  if (keys.length === 0) return fields["."] === undefined ? value : emptyLike(value);
  if (isList(value)) {
    const items = value.flatMap((item, index) => {
      const key = keys.find((each) => isItem(each, item, index));
      const inner = key === undefined ? undefined : fields[key];
      if (key === undefined || inner === undefined) return [];
      const extracted = extractFields(item, inner);
      return extracted === undefined ? [] : [key.startsWith("k:") ? withKeys(key, extracted) : extracted];
    });
    return items.length > 0 ? items : undefined;
  }
  if (!isMapping(value)) return undefined;
  const entries = keys.flatMap((key) => {
    const name = key.slice(2);
    const inner = value[name];
    const extracted = inner === undefined ? undefined : extractFields(inner, fields[key] ?? {});
    return extracted === undefined ? [] : [[name, extracted] as const];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** An item that is managed itself, while nothing in it is: its keys follow. */
function emptyLike(value: Json): Json {
  if (isList(value)) return [];
  return isMapping(value) ? {} : value;
}

function withKeys(key: string, item: Json): Json {
  return isMapping(item) ? { ...(JSON.parse(key.slice(2)) as Mapping), ...item } : item;
}

function isItem(key: string, item: Json, index: number): boolean {
  const rest = key.slice(2);
  if (key.startsWith("i:")) return Number(rest) === index;
  const wanted: Json = JSON.parse(rest);
  if (key.startsWith("v:")) return JSON.stringify(item) === JSON.stringify(wanted);
  return (
    isMapping(wanted) &&
    isMapping(item) &&
    Object.entries(wanted).every(([name, each]) => item[name] === each)
  );
}
