import type { RequiredStatus } from "./compiled-config.ts";
import { applyFilters } from "./filters.ts";
import { interpolate, type Scope, scopeOf } from "./interpolate.ts";
import { type ExpandedJob, expandJob } from "./jobs.ts";
import { findElement, type Library } from "./library.ts";
import { expandMatrix, matrixName } from "./matrix.ts";
import type { Place, Problems } from "./problems.ts";
import { Entries, expectMap, mismatch } from "./shape.ts";
import { binderFor, expandSteps, type StepContext } from "./steps.ts";
import { entryOf, isMap, type Value, type ValueMap, withoutKeys } from "./value.ts";

/** One job of a workflow before names are settled. */
export interface DraftJob {
  /** The name that was asked for; others require it by this name. */
  readonly wanted: string;
  /** The name that stands for all legs of a matrix. */
  readonly alias: string | null;
  readonly type: "build" | "approval" | "no-op";
  readonly expanded: ExpandedJob | null;
  readonly requires: readonly Requirement[];
  readonly contexts: readonly string[];
  readonly serialGroup: string | null;
  readonly runs: boolean;
  readonly filters: ValueMap | null;
  readonly place: Place;
}

interface Requirement {
  readonly name: string;
  readonly statuses: readonly RequiredStatus[];
  readonly place: Place;
}

/** What a workflow keeps for itself; everything else is an argument of the job. */
const workflowKeys = [
  "name",
  "requires",
  "context",
  "type",
  "filters",
  "matrix",
  "pre-steps",
  "post-steps",
  "serial-group",
  "override-with",
];

const terminalStatuses: readonly RequiredStatus[] = [
  "success",
  "failed",
  "canceled",
  "unauthorized",
  "not_run",
];

/** Expands one entry of a workflow's `jobs:` into as many jobs as its matrix has legs. */
export function expandWorkflowJob(
  entry: Value,
  library: Library,
  place: Place,
  problems: Problems,
): readonly DraftJob[] {
  const [job, body, at] = readEntry(entry, place, problems);
  if (!Object.hasOwn(body, "matrix")) {
    return [expandLeg(job, body, null, null, scopeOf(library), library, at, problems)];
  }
  const matrixPlace = at.at("matrix");
  const raw = interpolate(body.matrix ?? null, scopeOf(library), matrixPlace, problems);
  const matrix = expandMatrix(raw, matrixPlace, problems);
  const alias = matrix.alias ?? job;
  return matrix.legs.flatMap(
    (leg) =>
      problems.attempt(() =>
        expandLeg(job, body, leg, alias, scopeOf(library, {}, leg), library, at, problems),
      ) ?? [],
  );
}

function readEntry(entry: Value, place: Place, problems: Problems): readonly [string, ValueMap, Place] {
  if (typeof entry === "string") return [entry, {}, place];
  const map = expectMap(entry, place, problems);
  const [job, ...others] = Object.keys(map);
  if (job === undefined || others.length > 0) {
    return problems.fail(
      place,
      `maximum size: [1], found: [${Object.keys(map).length}]; a job has exactly one key`,
    );
  }
  const body = map[job] ?? null;
  return [job, body === null ? {} : expectMap(body, place.at(job), problems), place.at(job)];
}

function expandLeg(
  job: string,
  body: ValueMap,
  leg: ValueMap | null,
  alias: string | null,
  scope: Scope,
  library: Library,
  place: Place,
  problems: Problems,
): DraftJob {
  const own = interpolate(withoutKeys(body, ["matrix", "filters"]), scope, place, problems);
  const map: ValueMap = { ...expectMap(own, place, problems) };
  const entries = new Entries(map, place, problems);
  const filtered = applyFilters(entryOf(body, "filters") ?? null, scope, place.at("filters"), problems);
  const definition = definitionOf(job, entries, library, place, problems);
  const common = {
    wanted: entries.text("name") ?? (leg === null ? job : matrixName(job, leg)),
    alias,
    requires: readRequires(map, place.at("requires"), problems),
    contexts: readContexts(map, place.at("context"), problems),
    serialGroup: readSerialGroup(entries, place.at("serial-group"), problems),
    runs: filtered.runs,
    filters: filtered.printed,
    place,
  };
  const given = { ...leg, ...withoutKeys(map, workflowKeys) };
  if (definition === "approval") {
    const unexpected = Object.keys(given);
    if (unexpected.length > 0) problems.fail(place, `Unexpected argument(s): ${unexpected.join(", ")}`);
    return { ...common, type: "approval", expanded: null };
  }
  const calling = place.calling("job", job);
  const context: StepContext = { library, problems, stack: [] };
  const expanded = expandJob(
    definition,
    {
      given,
      place: calling,
      binder: binderFor(context),
      preSteps: expandSteps(entryOf(map, "pre-steps") ?? [], context, calling.at("pre-steps")),
      postSteps: expandSteps(entryOf(map, "post-steps") ?? [], context, calling.at("post-steps")),
    },
    problems,
  );
  return { ...common, type: expanded.job === null ? "no-op" : "build", expanded };
}

function definitionOf(job: string, entries: Entries, library: Library, place: Place, problems: Problems) {
  const found = findElement(library, "jobs", job);
  const defined =
    found !== null && isMap(found.definition) ? (entryOf(found.definition, "type") ?? "build") : null;
  const type = entries.text("type") ?? (defined === "approval" ? "approval" : "build");
  if (type === "approval") {
    if (defined !== null && defined !== "approval") {
      return problems.fail(place, `The name of approval job '${job}' must not be used to define a job`);
    }
    return "approval";
  }
  if (type === "no-op" && found === null) {
    const path = place.path.map(String);
    return { library, definition: { type: "no-op" }, path };
  }
  if (type !== "build" && type !== defined) {
    return problems.fail(
      place.at("type"),
      `Only approval jobs can have their type configured under workflows; found: ${type}`,
    );
  }
  const override = entries.text("override-with");
  const replacement = override === null ? null : findElement(library, "jobs", override);
  return replacement ?? found ?? problems.fail(place, `Cannot find a definition for job named ${job}`);
}

function readRequires(map: ValueMap, place: Place, problems: Problems): readonly Requirement[] {
  const value = entryOf(map, "requires") ?? null;
  if (value === null) return [];
  if (!Array.isArray(value)) return problems.fail(place, mismatch("Sequence", value));
  return value.flatMap((item: Value, index) => {
    const at = place.at(index);
    if (typeof item === "string") return [{ name: item, statuses: ["success" as const], place: at }];
    return Object.entries(expectMap(item, at, problems)).map(([name, statuses]) => ({
      name,
      statuses: readStatuses(statuses, at.at(name), problems),
      place: at,
    }));
  });
}

function readStatuses(value: Value, place: Place, problems: Problems): readonly RequiredStatus[] {
  if (value === "terminal") return terminalStatuses;
  const list: readonly Value[] = Array.isArray(value) ? value : [value];
  const known = Array.isArray(value) ? terminalStatuses : [...terminalStatuses, "terminal"];
  if (list.length === 0) return problems.fail(place, "minimum size: [1], found: [0]");
  return list.map(
    (item) =>
      terminalStatuses.find((status) => status === item) ??
      problems.fail(
        place,
        `Input not a valid enum value; one of: ${known.join(", ")}; found: ${String(item)}`,
      ),
  );
}

function readContexts(map: ValueMap, place: Place, problems: Problems): readonly string[] {
  const value = entryOf(map, "context") ?? null;
  if (value === null) return [];
  const list: readonly Value[] = Array.isArray(value) ? value : [value];
  const names = list.map((item) =>
    typeof item === "string" ? item : problems.fail(place, mismatch("String", item)),
  );
  return [...new Set(names)];
}

function readSerialGroup(entries: Entries, place: Place, problems: Problems): string | null {
  const group = entries.text("serial-group");
  if (group === null || /^[A-Za-z0-9._/-]{1,512}$/.test(group)) return group;
  return problems.fail(
    place,
    "serial-group must be 1 to 512 characters long and consist of letters, digits, '.', '-', '_' and '/'",
  );
}
