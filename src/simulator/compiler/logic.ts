import { evaluate, interpolate, type Scope } from "./interpolate.ts";
import { compilePattern, invalidPattern } from "./pattern.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, Entries, expectMap, mismatch } from "./shape.ts";
import { parseTemplate } from "./template.ts";
import { isList, isMap, isTruthy, textOf, type Value } from "./value.ts";

const maximumDepth = 100;

/** Evaluates a logic statement (`and`, `or`, `not`, `equal`, `matches` or a value) that is already interpolated. */
export function evaluateLogic(statement: Value, place: Place, problems: Problems, depth = 0): boolean {
  if (isList(statement)) return problems.fail(place, mismatch("Mapping", statement));
  if (!isMap(statement)) return isTruthy(statement);
  if (depth >= maximumDepth) return problems.fail(place, `Logic statements nest deeper than ${maximumDepth}`);
  const [operator, ...others] = Object.keys(statement);
  if (operator === undefined) return false;
  if (others.length > 0) return problems.fail(place, "A logic statement must have exactly one key");
  const operand = statement[operator] ?? null;
  const here = place.at(operator);
  const evaluateItems = () =>
    operandList(operand, here, problems).map(
      (item, index) => () => evaluateLogic(item, here.at(index), problems, depth + 1),
    );
  switch (operator) {
    case "and":
      return evaluateItems().every((item) => item());
    case "or":
      return evaluateItems().some((item) => item());
    case "not":
      return !evaluateLogic(operand, here, problems, depth + 1);
    case "equal": {
      const [first, ...rest] = operandList(operand, here, problems).map((item) => JSON.stringify(item));
      return rest.every((item) => item === first);
    }
    case "matches":
      return evaluateMatches(operand, here, problems);
    default:
      return problems.fail(place, `Unknown logic statement '${operator}'`);
  }
}

function operandList(operand: Value, place: Place, problems: Problems): readonly Value[] {
  if (!isList(operand)) return problems.fail(place, mismatch("Sequence", operand));
  return operand.length === 0 ? problems.fail(place, "minimum size: [1], found: [0]") : operand;
}

function evaluateMatches(operand: Value, place: Place, problems: Problems): boolean {
  const map = expectMap(operand, place, problems);
  if (!checkKeys(map, ["pattern", "value"], ["pattern"], place, problems)) return problems.abandon();
  const entries = new Entries(map, place, problems);
  const source = entries.requiredText("pattern");
  const pattern = compilePattern(source) ?? problems.fail(place, invalidPattern(source));
  return pattern.test(textOf(entries.value("value")) ?? "");
}

/**
 * A workflow's `when` and a job's `filters`: a logic statement, or a text that is an expression as it stands.
 * A text that mixes expression and `<< >>` is only a text, and true: CircleCI's documentation warns of it.
 */
export function evaluateCondition(condition: Value, scope: Scope, place: Place, problems: Problems): boolean {
  if (typeof condition === "string" && !isTemplated(condition)) {
    return isTruthy(evaluate(condition, scope, place, problems));
  }
  return evaluateLogic(interpolate(condition, scope, place, problems), place, problems);
}

function isTemplated(text: string): boolean {
  const template = parseTemplate(text);
  return !template.ok || template.parts.some((part) => !("text" in part));
}
