import { ExpressionError, evaluateExpression, namesIn, parseExpression } from "./expression.ts";
import type { Library, PipelineScope } from "./library.ts";
import type { Place, Problems } from "./problems.ts";
import { parseTemplate, type TemplatePart } from "./template.ts";
import {
  BoundExecutor,
  BoundSteps,
  entryOf,
  isList,
  isMap,
  isTruthy,
  textOf,
  type Value,
  type ValueMap,
} from "./value.ts";

/** The names that `<< … >>` and expressions may use at one place. */
export interface Scope {
  readonly pipeline: PipelineScope;
  readonly parameters: ValueMap;
  readonly matrix: ValueMap;
  readonly templated: boolean;
}

export function scopeOf(library: Library, parameters: ValueMap = {}, matrix: ValueMap = {}): Scope {
  return { pipeline: library.pipeline, parameters, matrix, templated: library.templated };
}

/** Undefined: there is no such name. A pipeline value that is not set is null. */
function lookUp(scope: Scope, name: string): Value | undefined {
  const dot = name.indexOf(".");
  const family = dot < 0 ? "" : name.slice(0, dot);
  const rest = name.slice(dot + 1);
  if (family === "parameters") return entryOf(scope.parameters, rest);
  if (family === "matrix") return entryOf(scope.matrix, rest);
  if (family !== "pipeline") return undefined;
  if (rest.startsWith("parameters.")) {
    return scope.pipeline.parameters === null
      ? undefined
      : entryOf(scope.pipeline.parameters, rest.slice("parameters.".length));
  }
  const value = entryOf(scope.pipeline.values, rest);
  return value === undefined || value === "" ? null : value;
}

function undeclared(scope: Scope, names: readonly string[]): string {
  const inOrb =
    scope.pipeline.parameters === null && names.some((name) => name.startsWith("pipeline.parameters."));
  const why = inOrb ? " (pipeline parameters are not available in orbs)" : "";
  return `Arguments referenced without declared parameters: ${[...new Set(names)].join(", ")}${why}`;
}

const plainReference = /^(?:parameters|matrix|pipeline)\.[^\s()"'=!<>]+$/;

/** Evaluates an expression; gives up when a name is unknown or the text is no expression. */
export function evaluate(source: string, scope: Scope, place: Place, problems: Problems): Value {
  const resolve = (names: readonly string[]) => {
    const missing = names.filter((name) => lookUp(scope, name) === undefined);
    if (missing.length > 0) problems.fail(place, undeclared(scope, missing));
  };
  if (plainReference.test(source)) {
    resolve([source]);
    return lookUp(scope, source) ?? null;
  }
  try {
    const expression = parseExpression(source);
    resolve(namesIn(expression));
    return evaluateExpression(expression, (name) => lookUp(scope, name) ?? null);
  } catch (error) {
    if (error instanceof ExpressionError) return problems.fail(place, error.message);
    throw error;
  }
}

function interpolateText(text: string, scope: Scope, place: Place, problems: Problems): Value {
  if (!text.includes("<<")) return text;
  const template = parseTemplate(text);
  if (!template.ok) return problems.fail(place, template.message);
  const [first] = template.parts;
  if (template.parts.length === 1 && first !== undefined && "tag" in first) {
    return evaluate(first.tag, scope, place, problems);
  }
  return joinParts(template.parts, scope, place, problems);
}

/** Looks at every part before it gives up. */
function joinParts(parts: readonly TemplatePart[], scope: Scope, place: Place, problems: Problems): string {
  const texts = parts.map((part) => {
    if ("text" in part) return part.text;
    return problems.attempt(() => {
      if ("section" in part) {
        const isTrue = isTruthy(evaluate(part.section, scope, place, problems));
        return isTrue === part.wanted ? joinParts(part.parts, scope, place, problems) : "";
      }
      const value = textOf(evaluate(part.tag, scope, place, problems));
      return value ?? problems.fail(place, `<< ${part.tag} >> cannot be part of a string`);
    });
  });
  return texts.includes(undefined) ? problems.abandon() : texts.join("");
}

/**
 * Replaces every `<< … >>` in a body. A text that is one tag becomes the value itself, with its type; inside a
 * longer text it becomes text. What is put in is never looked at again. Reports every place before it gives up.
 */
export function interpolate(value: Value, scope: Scope, place: Place, problems: Problems): Value {
  if (!scope.templated) return value;
  let failed = false;
  const visit = (node: Value, here: Place): Value => {
    if (typeof node === "string") {
      const text = problems.attempt(() => ({ value: interpolateText(node, scope, here, problems) }));
      failed ||= text === undefined;
      return text === undefined ? null : text.value;
    }
    if (node instanceof BoundSteps || node instanceof BoundExecutor) return node;
    if (isList(node)) return node.map((item, index) => visit(item, here.at(index)));
    if (!isMap(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, item]) => [
        textOf(visit(key, here.at(key))) ?? key,
        visit(item, here.at(key)),
      ]),
    );
  };
  const result = visit(value, place);
  return failed ? problems.abandon() : result;
}
