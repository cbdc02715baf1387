import type { Log } from "./log.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The world as a command sees it. Everything with an effect goes through here. */
export interface Host {
  readonly env: Environment;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly files: Files;
  readonly exec: Exec;
  readonly log: Log;
  /** Aborted when the job is cancelled (by a signal): sleeps and requests end at once. */
  readonly canceled: AbortSignal;
  /** When requests must have come to an end, in milliseconds since 1970, where a command sets itself such a limit. */
  readonly deadline?: number;
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
  /** Null where there is no such file: nothing at all, or a folder. */
  read(path: string): Promise<string | null>;
  /** Whole or not at all; folders on the way are made. */
  write(path: string, text: string, options?: { readonly mode: number }): Promise<void>;
  /** Folders on the way are made. */
  append(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** A file or a folder as it is, links included, also to another disk. */
  move(from: string, to: string): Promise<void>;
  /** A new folder that nobody else can read; the answer is its path. */
  makePrivateFolder(): Promise<string>;
  /** The names in a folder; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Absolute, with no symbolic link on the way; null where nothing is there. */
  resolve(path: string): Promise<string | null>;
  /** Makes `path` a symbolic link to `target`, which is seen from the working directory. */
  link(target: string, path: string): Promise<void>;
  /** With all that is in it; what links in it lead to stays. */
  removeFolder(path: string): Promise<void>;
}

/** Runs a program with these arguments, never through a shell. Null where there is no such program. */
export type Exec = (argv: readonly [string, ...string[]], options: ExecOptions) => Promise<ExecResult | null>;

interface ExecOptions {
  /** All of its environment. */
  readonly env: Environment;
  /** Given on standard input, which is empty otherwise. */
  readonly input?: string;
  /** When it is aborted the program and all that it started get TERM, and KILL when that has ended, in five seconds at most. */
  readonly signal?: AbortSignal;
  /** Called for each line of both outputs, as it comes. */
  readonly onLine?: (line: string) => void;
}

export interface ExecResult {
  /** Null where a signal ended the program. */
  readonly exitCode: number | null;
  /** The last 64 KB of both outputs, in the order in which they came. */
  readonly output: string;
  /** Standard output alone, likewise. */
  readonly stdout: string;
}
