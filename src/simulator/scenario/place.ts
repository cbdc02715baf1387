import { parseDuration } from "./duration.ts";
import { nearest } from "./nearest.ts";

/**
 * One value of a scenario and where it stands. Reading never stops at a problem: it is noted,
 * and a harmless value is answered, so that all problems are reported together.
 */
export class Place {
  readonly path: string;
  readonly value: unknown;
  /** The same value with every scalar as it was typed: `1.10` stays `1.10`. */
  readonly typed: unknown;
  readonly #problems: string[];

  constructor(path: string, value: unknown, typed: unknown, problems: string[]) {
    this.path = path;
    this.value = value;
    this.typed = typed;
    this.#problems = problems;
  }

  problem(sentence: string): void {
    this.#problems.push(`${this.path === "" ? "The scenario" : this.path} ${sentence}.`);
  }

  isCollection(): boolean {
    return typeof this.value === "object" && this.value !== null;
  }

  isEmpty(): boolean {
    return this.value === null || (isRecord(this.value) && Object.keys(this.value).length === 0);
  }

  /** The members of an object that may have these keys and no others. */
  fields<Key extends string>(known: readonly Key[]): Partial<Record<Key, Place>> {
    const found: Partial<Record<Key, Place>> = {};
    for (const [name, place] of this.entries()) {
      const key = known.find((candidate) => candidate === name);
      if (key === undefined) this.problem(unknownKey(name, known));
      else found[key] = place;
    }
    return found;
  }

  entries(): readonly (readonly [string, Place])[] {
    if (!isRecord(this.value)) {
      this.problem(`must be a mapping, not ${described(this.value)}`);
      return [];
    }
    const typed = isRecord(this.typed) ? this.typed : {};
    return Object.entries(this.value).map(([key, value]) => {
      const path = this.path === "" ? key : `${this.path}.${key}`;
      return [key, new Place(path, value, typed[key], this.#problems)] as const;
    });
  }

  items(): readonly Place[] {
    if (!Array.isArray(this.value)) {
      this.problem(`must be a list, not ${described(this.value)}`);
      return [];
    }
    const typed: readonly unknown[] = Array.isArray(this.typed) ? this.typed : [];
    return this.value.map(
      (value: unknown, index) => new Place(`${this.path}[${index}]`, value, typed[index], this.#problems),
    );
  }

  text(): string {
    if (typeof this.value === "string" && this.value !== "") return this.value;
    this.problem(`must be a text, not ${described(this.value)}`);
    return "";
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text());
  }

  /** A number or boolean is taken as it was typed. */
  variable(): string {
    if (!this.isCollection()) return typeof this.typed === "string" ? this.typed : "";
    this.problem(`must be a text, not ${described(this.value)}`);
    return "";
  }

  parameter(): string | number | boolean {
    if (["string", "number", "boolean"].includes(typeof this.value)) {
      return this.value as string | number | boolean;
    }
    this.problem(`must be a text, a number, true or false, not ${described(this.value)}`);
    return "";
  }

  wholeNumber(least: number, most: number): number {
    if (typeof this.value === "number" && Number.isInteger(this.value)) {
      if (this.value >= least && this.value <= most) return this.value;
    }
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
    this.problem(`must be a whole number ${range}, not ${described(this.value)}`);
    return least;
  }

  boolean(): boolean {
    if (typeof this.value === "boolean") return this.value;
    this.problem(`must be true or false, not ${described(this.value)}`);
    return false;
  }

  duration(): number {
    const duration = typeof this.value === "string" ? parseDuration(this.value) : null;
    if (duration !== null) return duration;
    this.problem(`must be a duration such as 250ms, 2s, 5m, 1h or 1m30s, not ${described(this.value)}`);
    return 0;
  }

  /** Undefined, and a problem noted, where it is none of them. */
  oneOf<Choice extends string>(choices: readonly Choice[], what: string): Choice | undefined {
    const found = choices.find((choice) => choice === this.value);
    if (found !== undefined) return found;
    const close = typeof this.value === "string" ? nearest(this.value, choices) : null;
    const hint = close === null ? "" : `: did you mean ${close}?`;
    this.problem(`must be ${what}, not ${described(this.value)}${hint} (known: ${choices.join(", ")})`);
    return undefined;
  }
}

function unknownKey(name: string, known: readonly string[]): string {
  const close = nearest(name, known);
  const hint = close === null ? "" : `: did you mean "${close}"?`;
  return `has an unknown key "${name}"${hint} (known: ${known.join(", ")})`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function described(value: unknown): string {
  if (value === null || value === undefined || value === "") return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a mapping" : JSON.stringify(value);
}
