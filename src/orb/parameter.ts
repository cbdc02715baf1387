import { type ErrorCode, UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";
import { Secret } from "../secret.ts";
import { readVariable } from "./read-variable.ts";
import { looksPasted } from "./secret-form.ts";

/**
 * One parameter, declared once: what the orb says of it and how its text becomes a checked value.
 * `parse` is pure; it throws `Unfit` with half a sentence that goes on after the parameter's name.
 */
export interface Parameter<T> {
  readonly type: "string" | "boolean" | "integer" | "enum" | "env_var_name";
  readonly description: string;
  /** Of an enum. */
  readonly values?: readonly string[];
  /** Absent: the parameter is required. */
  readonly default?: string | boolean | number;
  readonly parse: Parse<T>;
}

type Parse<T> = (text: string, env: Environment) => T;

export type ValueOf<P> = P extends Parameter<infer T> ? T : never;

/** The value of a parameter cannot be used. */
export class Unfit extends Error {
  override readonly name = "Unfit";
  readonly code: ErrorCode;
  readonly hints: readonly string[];

  constructor(
    message: string,
    options: { readonly code?: ErrorCode; readonly hints?: readonly string[] } = {},
  ) {
    super(message);
    this.code = options.code ?? "parameter.invalid";
    this.hints = options.hints ?? [];
  }
}

interface TextOptions {
  readonly description: string;
  readonly default?: string;
}

export function string(options: TextOptions): Parameter<string>;
export function string<T>(options: TextOptions, parse: Parse<T>): Parameter<T>;
export function string(options: TextOptions, parse: Parse<unknown> = (text) => text): Parameter<unknown> {
  return { type: "string", ...options, parse };
}

/** Booleans reach a step as 1 and 0, though some tools pass true and false. */
export function boolean(options: {
  readonly description: string;
  readonly default: boolean;
}): Parameter<boolean> {
  return {
    type: "boolean",
    ...options,
    parse(text) {
      if (text === "1" || text === "true") return true;
      if (text === "0" || text === "false") return false;
      throw new Unfit(`is neither true nor false: "${text}"`, { hints: ["Write true or false."] });
    },
  };
}

/** A whole number of at least `least`. */
export function integer(options: {
  readonly description: string;
  readonly default: number;
  readonly least: number;
}): Parameter<number> {
  const { least, ...words } = options;
  return {
    type: "integer",
    ...words,
    parse(text) {
      const value = Number(text);
      if (/^-?\d+$/.test(text) && value >= least) return value;
      throw new Unfit(`is no whole number of at least ${least}: "${text}"`, {
        hints: [`Write a number such as ${options.default}.`],
      });
    },
  };
}

export function choice<const T extends string>(options: {
  readonly description: string;
  readonly default: T;
  readonly values: readonly T[];
}): Parameter<T> {
  return {
    type: "enum",
    ...options,
    parse(text) {
      const value = options.values.find((known) => known === text);
      if (value !== undefined) return value;
      throw new Unfit(`is unknown: "${text}"`, { hints: [`It can be ${options.values.join(", ")}.`] });
    },
  };
}

/** The user gives the name of an environment variable; the value is the secret that the variable holds. */
export function secret(options: {
  readonly description: string;
  readonly default: string;
}): Parameter<Secret> {
  return {
    type: "env_var_name",
    ...options,
    parse(variable, env) {
      const value = readSecret(variable, env);
      if (value !== null) return value;
      throw new Unfit(
        `names ${variable ? `the environment variable ${variable}, which is not set` : "no environment variable"}`,
        {
          code: "circleci.unauthorized",
          hints: missingSecretHints(variable || options.default),
        },
      );
    },
  };
}

/** As `secret`, for a command that may find that it needs none: `requireSecret` then tells. */
export function secretIfNeeded(options: {
  readonly description: string;
  readonly default: string;
}): Parameter<NamedSecret> {
  return {
    type: "env_var_name",
    ...options,
    parse: (variable, env) => ({ variable, value: readSecret(variable, env) }),
  };
}

export interface NamedSecret {
  readonly variable: string;
  readonly value: Secret | null;
}

export function requireSecret({ variable, value }: NamedSecret): Secret {
  if (value !== null) return value;
  const name = variable || "that holds the secret";
  throw new UserError("circleci.unauthorized", `The environment variable ${name} is not set.`, {
    hints: missingSecretHints(variable || "an environment variable"),
  });
}

/** People paste a token where its variable's name belongs, and an error must not repeat it. */
function readSecret(variable: string, env: Environment): Secret | null {
  if (looksPasted(variable)) {
    throw new Unfit("is a token itself, not the name of an environment variable", {
      hints: [
        "Revoke that token, since configurations are read by many. Put a new one into a context, and the name of its variable here.",
      ],
    });
  }
  const value = readVariable(env, variable)?.trim();
  return value ? new Secret(value) : null;
}

function missingSecretHints(variable: string): readonly string[] {
  return [
    `Put a personal API token into ${variable}, best in a context that this job lists under \`context:\`.`,
    "A pipeline of a forked pull request gets no secrets: filter this job out there.",
  ];
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `90s`, `10m`, `1h30m`, `14d`: milliseconds. */
export function duration(options: {
  readonly description: string;
  readonly default: string;
}): Parameter<number> {
  return string(options, (text) => {
    const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== text.replaceAll(" ", "")) {
      throw new Unfit(`is no duration: "${text}"`, { hints: ["Write durations like 90s, 10m or 1h30m."] });
    }
    return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units], 0);
  });
}
