import { describe, expect, it } from "vitest";
import {
  ExpressionError,
  evaluateExpression,
  namesIn,
  parseExpression,
} from "../../../src/simulator/compiler/expression.ts";
import type { Value } from "../../../src/simulator/compiler/value.ts";

const values: Readonly<Record<string, Value>> = {
  "pipeline.git.branch": "main",
  "pipeline.git.tag": null,
  "pipeline.number": 7,
  "pipeline.parameters.deploy": true,
  "pipeline.parameters.dry-run": false,
};

function evaluate(source: string): Value {
  return evaluateExpression(parseExpression(source), (name) => values[name] ?? null);
}

describe("an expression", () => {
  it.each<[string, Value]>([
    ['pipeline.git.branch == "main"', true],
    ["pipeline.git.branch == 'main'", true],
    ['pipeline.git.branch != "main"', false],
    ['pipeline.number == "7"', false],
    ['pipeline.number != "7"', true],
    ["pipeline.number == 7", true],
    ["pipeline.number >= 7 and pipeline.number <= 7", true],
    ["pipeline.number > 7 or pipeline.number < 7", false],
    ["pipeline.parameters.deploy", true],
    ["not pipeline.parameters.dry-run", true],
    ["not pipeline.parameters.deploy and pipeline.parameters.dry-run", false],
    ["not (pipeline.parameters.deploy and pipeline.parameters.dry-run)", true],
    ["pipeline.parameters.dry-run and true or pipeline.parameters.deploy", true],
    ["pipeline.parameters.deploy or pipeline.parameters.dry-run and false", true],
    ['pipeline.git.branch starts-with "ma"', true],
    ['pipeline.git.tag starts-with "v"', false],
    ["pipeline.git.branch matches /ma.*/", true],
    ["pipeline.git.branch matches /ai/", false],
    ['pipeline.git.branch matches "m.in"', true],
    ["pipeline.git.tag", null],
    ['pipeline.git.tag or "no tag"', "no tag"],
    ['pipeline.git.branch == "main" and 10 or 1', 10],
    ['pipeline.git.branch == "dev" and 10 or 1', 1],
    ['"and" == "and"', true],
    ['"a \\"quoted\\" word"', 'a "quoted" word'],
    ["pipeline.git.branch\n  or false", "main"],
  ])("%s is %j", (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  it.each([
    ["", "Expected expression"],
    ["pipeline.number ==", "Expected expression"],
    ["true and and true", 'Expected expression, found "and"'],
    ["(true", "Expected ')' in expression"],
    ["true false", 'Expected end of expression, found "false"'],
    ["true =~ true", "Unexpected character in expression at: =~ true"],
    ['pipeline.number > "6"', "Operands of '>' must be numbers"],
    ["pipeline.number starts-with 7", "Operands of 'starts-with' must be strings"],
    [
      "pipeline.git.branch matches /^(?!main).*$/",
      "Invalid regular expression: ^(?!main).*$: Invalid pattern.",
    ],
  ])("%s is refused", (source, message) => {
    expect(() => evaluate(source)).toThrow(new ExpressionError(message));
  });

  it("tells all its names, also those behind a short circuit", () => {
    expect(namesIn(parseExpression('a.b == "x" or not (c.d and e.f)'))).toEqual(["a.b", "c.d", "e.f"]);
  });
});
