import type { Secret } from "../secret.ts";

/** What a user reads in the step. Secrets that were made known to it are blanked in every line. */
export interface Log {
  /** The course of things, on standard output. */
  info(text: string): void;
  /** Something to look at that ends nothing, on standard error. */
  warn(text: string): void;
  error(text: string): void;
  /** From now on this value is printed as `[secret]`. */
  hide(secret: Secret): void;
}

export interface LogWriter {
  out(text: string): void;
  err(text: string): void;
}

export function createLog(writer: LogWriter): Log {
  const hidden = new Set<string>();
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
      if (secret.reveal() !== "") hidden.add(secret.reveal());
    },
  };
}
