/** Server-side apply, as far as a deploy meets it: maps, lists with the key `name`, and whole values. */

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Tree = { [key: string]: Value };

/** Of managedFields: who manages which leaves. A leaf is the JSON of its path, such as `["f:spec","f:replicas"]`. */
export interface Manager {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly leaves: ReadonlySet<string>;
  /** When it has changed fields or values last. */
  readonly time?: string;
}

const keyedLists = ["containers", "initContainers", "env", "volumes", "volumeMounts"];

export function leavesOf(value: Value, path: readonly string[] = []): readonly string[] {
  if (isTree(value) && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, `f:${key}`]));
  }
  if (isKeyed(value, path)) {
    return value.flatMap((item) => leavesOf(item, [...path, `k:${JSON.stringify({ name: nameOf(item) })}`]));
  }
  return [JSON.stringify(path)];
}

/** What identifies an object is in every configuration, and is managed by nobody. */
const identity = new Set(
  [["f:apiVersion"], ["f:kind"], ["f:metadata", "f:name"], ["f:metadata", "f:namespace"]].map((path) =>
    JSON.stringify(path),
  ),
);

interface Conflict {
  /** `"kubectl" using apps/v1`; of what was applied the name alone. */
  readonly manager: string;
  /** `.spec.replicas`. */
  readonly field: string;
}

export interface ApplyResult {
  readonly object: Tree;
  readonly managers: readonly Manager[];
  readonly conflicts: readonly Conflict[];
}

export function applyFields(
  live: Tree,
  managers: readonly Manager[],
  by: { readonly manager: string; readonly force: boolean; readonly time: string },
  wanted: Tree,
): ApplyResult {
  const isMine = (each: Manager) => each.manager === by.manager && each.operation === "Apply";
  const leaves = leavesOf(wanted).filter((leaf) => !identity.has(leaf));
  const fought = leaves.filter((leaf) => {
    const [now, then] = [find(live, leaf), find(wanted, leaf)];
    return now !== undefined && JSON.stringify(now) !== JSON.stringify(then);
  });
  const conflicts = managers
    .filter((each) => !isMine(each))
    .flatMap(({ manager, operation, leaves: theirs }) => {
      const version = operation === "Update" ? ` using ${String(live.apiVersion)}` : "";
      return fought
        .filter((leaf) => theirs.has(leaf))
        .map((leaf) => ({ manager: `"${manager}"${version}`, field: showPath(leaf) }));
    });
  if (conflicts.length > 0 && !by.force) return { object: live, managers, conflicts };
  const others = managers
    .filter((each) => !isMine(each))
    .map((each) => ({ ...each, leaves: new Set([...each.leaves].filter((leaf) => !fought.includes(leaf))) }))
    .filter((each) => each.leaves.size > 0);
  const object = structuredClone(live);
  for (const leaf of leavesOf(wanted))
    set(object, JSON.parse(leaf), structuredClone(find(wanted, leaf) ?? null));
  const earlier = managers.find(isMine);
  const given = earlier?.leaves ?? new Set<string>();
  for (const leaf of given) {
    if (!leaves.includes(leaf) && !others.some((each) => each.leaves.has(leaf)))
      remove(object, JSON.parse(leaf));
  }
  const isSame =
    JSON.stringify(object) === JSON.stringify(live) &&
    leaves.every((leaf) => given.has(leaf)) &&
    leaves.length === given.size;
  const time = (isSame ? earlier?.time : undefined) ?? by.time;
  const mine: Manager = { manager: by.manager, operation: "Apply", leaves: new Set(leaves), time };
  return { object, managers: leaves.length > 0 ? [...others, mine] : others, conflicts: [] };
}

/** Notes who has set a leaf by other means than applying it. */
export function takeLeaf(managers: readonly Manager[], manager: string, leaf: string): readonly Manager[] {
  const others = managers.map((each) => ({
    ...each,
    leaves: new Set([...each.leaves].filter((one) => one !== leaf)),
  }));
  const before = others.find((each) => each.manager === manager && each.operation === "Update");
  const mine: Manager = { manager, operation: "Update", leaves: new Set([...(before?.leaves ?? []), leaf]) };
  return [...others.filter((each) => each !== before && each.leaves.size > 0), mine];
}

/** As `managedFields` shows it. */
export function showManagers(managers: readonly Manager[], apiVersion: string): Value[] {
  return managers.map(({ manager, operation, leaves, time }) => {
    const fieldsV1: Tree = {};
    for (const leaf of leaves) {
      let place = fieldsV1;
      for (const segment of JSON.parse(leaf) as string[]) {
        place[segment] ??= segment.startsWith("k:") ? { ".": {}, "f:name": {} } : {};
        place = place[segment] as Tree;
      }
    }
    return {
      manager,
      operation,
      apiVersion,
      fieldsType: "FieldsV1",
      fieldsV1,
      ...(time !== undefined && { time }),
    };
  });
}

function find(value: Value, leaf: string): Value | undefined {
  return (JSON.parse(leaf) as string[]).reduce<Value | undefined>(
    (inner, segment) => step(inner, segment),
    value,
  );
}

function step(value: Value | undefined, segment: string): Value | undefined {
  const rest = segment.slice(2);
  if (segment.startsWith("k:"))
    return Array.isArray(value) ? value.find((item) => nameOf(item) === keyOf(rest)) : undefined;
  return value !== undefined && isTree(value) ? value[rest] : undefined;
}

function set(object: Tree, path: readonly string[], value: Value): void {
  let place: Value = object;
  path.forEach((segment, index) => {
    const isLast = index === path.length - 1;
    const empty: Value = path[index + 1]?.startsWith("k:") ? [] : {};
    if (segment.startsWith("k:") && Array.isArray(place)) {
      const name = keyOf(segment.slice(2));
      let item = place.find((each) => nameOf(each) === name);
      if (item === undefined) {
        item = { name };
        place.push(item);
      }
      place = item;
    } else if (isTree(place)) {
      const key: string = segment.slice(2);
      if (isLast) place[key] = value;
      else place = place[key] ??= empty;
    }
  });
}

function remove(object: Tree, path: readonly string[]): void {
  const last = path.at(-1) ?? "";
  const parent = find(object, JSON.stringify(path.slice(0, -1)));
  if (parent !== undefined && isTree(parent)) delete parent[last.slice(2)];
  // An item of which nothing is left but its key goes as well, and so does what is empty.
  const above = path.at(-2);
  const list = find(object, JSON.stringify(path.slice(0, -2)));
  if (above?.startsWith("k:") && Array.isArray(list) && parent !== undefined && isTree(parent)) {
    if (Object.keys(parent).join() === "name" || Object.keys(parent).length === 0)
      list.splice(list.indexOf(parent), 1);
  }
}

function showPath(leaf: string): string {
  return (JSON.parse(leaf) as string[])
    .map((segment) =>
      segment.startsWith("k:") ? `[name="${keyOf(segment.slice(2))}"]` : `.${segment.slice(2)}`,
    )
    .join("");
}

function keyOf(json: string): string {
  return (JSON.parse(json) as { name: string }).name;
}

function nameOf(item: Value): string {
  return isTree(item) ? String(item.name) : "";
}

function isKeyed(value: Value, path: readonly string[]): value is Value[] {
  return Array.isArray(value) && value.length > 0 && keyedLists.includes(path.at(-1)?.slice(2) ?? "");
}

export function isTree(value: Value | undefined): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
