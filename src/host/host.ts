import type { Log } from "./log.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The world as a command sees it. Everything with an effect goes through here. */
export interface Host {
  readonly env: Environment;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly files: Files;
  readonly log: Log;
  /** Aborted when the job is cancelled (TERM or INT): sleeps and requests end at once. */
  readonly canceled: AbortSignal;
  /** From 0 up to 1, for jitter. */
  readonly random: () => number;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  sleep(duration: number, signal?: AbortSignal): Promise<void>;
}

export interface Files {
  /** Null where there is no such file. */
  read(path: string): Promise<string | null>;
  /** Whole or not at all; folders on the way are made. */
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}
