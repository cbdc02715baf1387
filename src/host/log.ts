import type { Secret } from "../secret.ts";

/** What a user reads in the step. Secrets that were made known to it are blanked in every line. */
export interface Log {
  /** The course of things, on standard output. */
  info(text: string): void;
  /** Something to look at that ends nothing, on standard error. */
  warn(text: string): void;
  error(text: string): void;
  /** From now on this value is printed as `[secret]`, and each of its lines, unless it is too short to be told apart. */
  hide(secret: Secret): void;
}

export interface LogWriter {
  out(text: string): void;
  err(text: string): void;
}

export function createLog(writer: LogWriter): Log {
  let hidden: readonly string[] = [];
  const blank = (text: string) => {
    let blanked = text;
    for (const value of hidden) blanked = blanked.replaceAll(value, "[secret]");
    return `${blanked}\n`;
  };
  return {
    info: (text) => writer.out(blank(text)),
    warn: (text) => writer.err(blank(`Warning: ${text}`)),
    error: (text) => writer.err(blank(text)),
    hide: (secret) => {
      // The longest first: what is a part of another would leave the rest of that one to be seen.
      hidden = [...new Set([...hidden, ...shapes(secret.reveal())])].sort(
        (one, other) => other.length - one.length,
      );
    },
  };
}

/** How a value may be seen: as it is, between the quotes of a shown command, or line by line in a program's output. */
function shapes(value: string): readonly string[] {
  const whole = [value, value.replaceAll("'", "'\\''")];
  const lines = whole.flatMap((each) => each.split("\n").map((line) => line.trim()));
  return [...whole, ...lines].filter(canHide);
}

/** CircleCI masks no shorter values and none of these words either: a log would be full of holes. */
export function canHide(value: string): boolean {
  return value.length >= 4 && !/^(true|false)$/i.test(value);
}
