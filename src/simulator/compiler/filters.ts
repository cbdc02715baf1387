import { interpolate, type Scope } from "./interpolate.ts";
import { evaluateCondition } from "./logic.ts";
import { compilePattern, invalidPattern } from "./pattern.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, expectMap, mismatch } from "./shape.ts";
import { entryOf, isList, textOf, type Value, type ValueMap } from "./value.ts";

export interface Filtered {
  readonly runs: boolean;
  /** What the compiled document still shows: an expression is evaluated and gone, a map stays. */
  readonly printed: ValueMap | null;
}

/** Decides by a job's `filters` (not yet interpolated) whether the job runs for the pipeline's branch or tag. */
export function applyFilters(filters: Value, scope: Scope, place: Place, problems: Problems): Filtered {
  if (typeof filters === "string") {
    return { runs: evaluateCondition(filters, scope, place, problems), printed: null };
  }
  const { values } = scope.pipeline;
  const branch = textOf(entryOf(values, "git.branch") ?? null) ?? "";
  const tag = textOf(entryOf(values, "git.tag") ?? null) ?? "";
  if (filters === null) return { runs: tag === "", printed: null };
  const map = expectMap(interpolate(filters, scope, place, problems), place, problems);
  if (!checkKeys(map, ["branches", "tags"], [], place, problems)) return problems.abandon();
  const branches = readRules(entryOf(map, "branches") ?? null, place.at("branches"), problems);
  const tags = readRules(entryOf(map, "tags") ?? null, place.at("tags"), problems);
  const runs = tag === "" ? allows(branches, branch, true) : allows(tags, tag, false);
  return { runs, printed: map };
}

interface Rules {
  readonly only: readonly RegExp[] | null;
  readonly ignore: readonly RegExp[] | null;
}

function readRules(value: Value, place: Place, problems: Problems): Rules {
  if (value === null) return { only: null, ignore: null };
  const map = expectMap(value, place, problems);
  if (!checkKeys(map, ["only", "ignore"], [], place, problems)) return problems.abandon();
  return {
    only: readPatterns(entryOf(map, "only") ?? null, place.at("only"), problems),
    ignore: readPatterns(entryOf(map, "ignore") ?? null, place.at("ignore"), problems),
  };
}

function readPatterns(value: Value, place: Place, problems: Problems): readonly RegExp[] | null {
  if (value === null) return null;
  return (isList(value) ? value : [value]).map((item) => {
    const text = textOf(item);
    if (text === null) return problems.fail(place, mismatch("String", item));
    const [, source] = /^\/(.*)\/$/s.exec(text) ?? [];
    if (source === undefined) return new RegExp(`^${text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`);
    return compilePattern(source) ?? problems.fail(place, invalidPattern(source));
  });
}

/** `only` is considered before `ignore`; without either, everything is as `otherwise` says. */
function allows(rules: Rules, name: string, otherwise: boolean): boolean {
  if (rules.only !== null) return rules.only.some((pattern) => pattern.test(name));
  if (rules.ignore !== null) return !rules.ignore.some((pattern) => pattern.test(name));
  return otherwise;
}
