import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { constants as system } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Clock } from "../engine/clock.ts";
import type { Environment } from "./environment.ts";

/** How long a process that was asked to end may take, in milliseconds. */
export const gracePeriod = 5000;

/**
 * How long the end of the output may take to be seen after everybody who writes it has gone, in milliseconds: what
 * libuv has read by then, Node may still have to hand on. Only a daemon that has left the group keeps the pipe open.
 */
const lastWords = 250;

export type ProcessEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "not-started"; readonly code: string; readonly message: string };

export interface ProcessGroupOptions {
  readonly argv: readonly string[];
  readonly directory: string;
  readonly environment: Environment;
  /** Path for the pipe that carries the output; nothing may be there. */
  readonly pipe: string;
  readonly clock: Clock;
  readonly onOutput: (text: string) => void;
}

/**
 * A program and everything it starts. Standard output and standard error are one named pipe: only so do
 * their lines keep their order, and `/dev/stdout` can be opened, which it cannot on Node's own sockets.
 */
export class ProcessGroup {
  /** Follows the program's end; what it left in the background does not hold it up, unless the group was told to end. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess | null;
  readonly #clock: Clock;
  #leaderGone = false;
  #groupGone = false;
  #terminating = false;
  #callOffKill: (() => void) | null = null;
  readonly #killed: Promise<void>;
  #noteKill: () => void = () => {};

  static async start(options: ProcessGroupOptions): Promise<ProcessGroup> {
    await promisify(execFile)("mkfifo", ["-m", "600", options.pipe]);
    return new ProcessGroup(options);
  }

  private constructor(options: ProcessGroupOptions) {
    this.#clock = options.clock;
    this.#killed = new Promise((resolve) => {
      this.#noteKill = resolve;
    });
    // The reader opens first: opening a pipe for writing waits for a reader.
    const readEnd = openSync(options.pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(options.pipe, constants.O_WRONLY);
    unlinkSync(options.pipe);
    const started = spawnDetached(options, writeEnd);
    closeSync(writeEnd);
    const output = new PipeReader(readEnd, options.onOutput);
    this.#child = started instanceof Error ? null : started;
    this.ended =
      started instanceof Error ? Promise.resolve(notStarted(started)) : this.#follow(started, output);
  }

  /** Asks the whole group to end, and makes it end after the grace period. */
  terminate(): void {
    if (this.#terminating) return;
    this.#terminating = true;
    this.#signal("SIGTERM");
    this.#callOffKill = this.#clock.after(gracePeriod, () => this.kill());
  }

  kill(): void {
    this.#signal("SIGKILL");
    this.#noteKill();
  }

  async #follow(child: ChildProcess, output: PipeReader): Promise<ProcessEnd> {
    const end = await new Promise<ProcessEnd>((resolve) => {
      child.on("error", (error) => resolve(notStarted(error)));
      child.on("exit", (code, signal) => {
        output.drain();
        resolve({ kind: "exited", exitCode: signal === null ? (code ?? 0) : 128 + system.signals[signal] });
      });
    });
    this.#leaderGone = true;
    this.#groupGone = !this.#signal(0);
    if (this.#groupGone) await Promise.race([output.ended, pause(lastWords)]);
    else if (this.#terminating) await Promise.race([output.ended, this.#killed]);
    this.#callOffKill?.();
    return end;
  }

  #signal(signal: NodeJS.Signals | 0): boolean {
    // Once the group is empty its number may belong to somebody else.
    if (this.#groupGone || this.#child?.pid === undefined) return false;
    try {
      return process.kill(-this.#child.pid, signal);
    } catch {
      this.#groupGone = this.#leaderGone;
      return false;
    }
  }
}

class PipeReader {
  /** Everybody who could still write has gone. */
  readonly ended: Promise<void>;
  readonly #fd: number;
  readonly #decoder = new StringDecoder("utf8");
  readonly #onOutput: (text: string) => void;
  #closed = false;

  constructor(fd: number, onOutput: (text: string) => void) {
    this.#fd = fd;
    this.#onOutput = onOutput;
    const socket = new Socket({ fd, readable: true, writable: false });
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => socket.destroy());
    this.ended = new Promise((resolve) => {
      for (const event of ["end", "close"]) {
        socket.on(event, () => {
          this.#closed = true;
          resolve();
        });
      }
    });
    // A process that a step leaves behind must not keep the simulator alive.
    socket.unref();
  }

  /**
   * Takes what has been written so far, now. libuv tells of all children that have ended at once, also of
   * one whose last words it has not seen yet.
   */
  drain(): void {
    const buffer = Buffer.alloc(65_536);
    while (!this.#closed) {
      const size = readAvailable(this.#fd, buffer);
      if (size === 0) return;
      this.#take(buffer.subarray(0, size));
    }
  }

  #take(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    if (text !== "") this.#onOutput(text);
  }
}

function readAvailable(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer);
  } catch {
    return 0;
  }
}

function spawnDetached(options: ProcessGroupOptions, output: number): ChildProcess | Error {
  const [file = "", ...args] = options.argv;
  try {
    return spawn(file, args, {
      cwd: options.directory,
      env: options.environment,
      stdio: ["ignore", output, output],
      detached: true,
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function notStarted(error: Error): ProcessEnd {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { kind: "not-started", code, message: error.message };
}
