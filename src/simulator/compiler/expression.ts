import { compilePattern, invalidPattern } from "./pattern.ts";
import { isTruthy, type Value } from "./value.ts";

/** CircleCI's expression language: `pipeline.git.branch == "main" and not pipeline.parameters.dry`. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "pattern"; readonly source: string }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "not"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

export class ExpressionError extends Error {}

const tokenPattern =
  /\s*(?:(?<word>[A-Za-z][\w.-]*)|(?<number>-?\d+(?:\.\d+)?)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<pattern>\/(?:[^/\\]|\\.)*\/)|(?<symbol>==|!=|>=|<=|>|<|\(|\)))/y;

const comparisons = ["==", "!=", ">=", "<=", ">", "<", "starts-with", "matches"];

interface Token {
  readonly kind: "word" | "number" | "string" | "pattern" | "symbol";
  readonly text: string;
}

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  const end = source.trimEnd().length;
  while (tokenPattern.lastIndex < end) {
    const start = tokenPattern.lastIndex;
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) {
      throw new ExpressionError(`Unexpected character in expression at: ${source.slice(start).trim()}`);
    }
    for (const kind of ["word", "number", "string", "pattern", "symbol"] as const) {
      const text = groups[kind];
      if (text !== undefined) tokens.push({ kind, text });
    }
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Expression {
    const expression = this.#or();
    const rest = this.#tokens[this.#position];
    if (rest !== undefined) throw new ExpressionError(`Expected end of expression, found "${rest.text}"`);
    return expression;
  }

  #take(...texts: readonly string[]): string | null {
    const token = this.#tokens[this.#position];
    if (token === undefined || token.kind === "string" || !texts.includes(token.text)) return null;
    this.#position += 1;
    return token.text;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take("or") !== null) left = { kind: "binary", operator: "or", left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#take("and") !== null) {
      left = { kind: "binary", operator: "and", left, right: this.#comparison() };
    }
    return left;
  }

  #comparison(): Expression {
    const left = this.#unary();
    const operator = this.#take(...comparisons);
    return operator === null ? left : { kind: "binary", operator, left, right: this.#unary() };
  }

  /** `not` binds tighter than any operator. */
  #unary(): Expression {
    return this.#take("not") === null ? this.#primary() : { kind: "not", operand: this.#unary() };
  }

  #primary(): Expression {
    if (this.#take("(") !== null) {
      const inner = this.#or();
      if (this.#take(")") === null) throw new ExpressionError("Expected ')' in expression");
      return inner;
    }
    const token = this.#tokens[this.#position];
    if (token === undefined) throw new ExpressionError("Expected expression");
    if (token.kind === "symbol" || ["and", "or", "starts-with", "matches"].includes(token.text)) {
      throw new ExpressionError(`Expected expression, found "${token.text}"`);
    }
    this.#position += 1;
    if (token.kind === "number") return { kind: "literal", value: Number(token.text) };
    if (token.kind === "string") {
      return { kind: "literal", value: token.text.slice(1, -1).replace(/\\(.)/gs, "$1") };
    }
    if (token.kind === "pattern") return { kind: "pattern", source: token.text.slice(1, -1) };
    if (token.text === "true" || token.text === "false") {
      return { kind: "literal", value: token.text === "true" };
    }
    return token.text === "null" ? { kind: "literal", value: null } : { kind: "name", name: token.text };
  }
}

export function parseExpression(source: string): Expression {
  return new Parser(tokenize(source)).parse();
}

/** All names in an expression, also in parts that would never be evaluated. */
export function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "name":
      return [expression.name];
    case "not":
      return namesIn(expression.operand);
    case "binary":
      return [...namesIn(expression.left), ...namesIn(expression.right)];
    default:
      return [];
  }
}

/** `and` and `or` answer one of their operands, so that `x and 10 or 1` chooses. Throws ExpressionError. */
export function evaluateExpression(expression: Expression, lookup: (name: string) => Value): Value {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "pattern":
      throw new ExpressionError("A /pattern/ may only stand to the right of 'matches'");
    case "name":
      return lookup(expression.name);
    case "not":
      return !isTruthy(evaluateExpression(expression.operand, lookup));
    case "binary": {
      const left = evaluateExpression(expression.left, lookup);
      if (expression.operator === "and" && !isTruthy(left)) return left;
      if (expression.operator === "or" && isTruthy(left)) return left;
      if (expression.operator === "matches" && expression.right.kind === "pattern") {
        return matches(left, expression.right.source);
      }
      return combine(expression.operator, left, evaluateExpression(expression.right, lookup));
    }
  }
}

function combine(operator: string, left: Value, right: Value): Value {
  if (operator === "and" || operator === "or") return right;
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (operator === "starts-with") return asText(left, operator).startsWith(asText(right, operator));
  if (operator === "matches") return matches(left, asText(right, operator));
  return compare(operator, left, right);
}

function compare(operator: string, left: Value, right: Value): boolean {
  if (typeof left !== "number" || typeof right !== "number") {
    throw new ExpressionError(`Operands of '${operator}' must be numbers`);
  }
  if (operator === ">=") return left >= right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left < right;
}

function matches(value: Value, source: string): boolean {
  const pattern = compilePattern(source);
  if (pattern === null) throw new ExpressionError(invalidPattern(source));
  return pattern.test(asText(value, "matches"));
}

/** An empty pipeline value counts as an empty text: CircleCI's own examples ask `pipeline.git.tag starts-with "v"` on branches. */
function asText(value: Value, operator: string): string {
  if (value === null) return "";
  if (typeof value !== "string") throw new ExpressionError(`Operands of '${operator}' must be strings`);
  return value;
}
