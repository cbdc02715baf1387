import type { Clock } from "../engine/clock.ts";
import type { JobListener, StepStatus } from "../engine/job-runner.ts";

const reportInterval = 200;
export const longestOutput = 8 * 1024 * 1024;

/** Collects what one step prints and tells the listener: at once when it begins and ends, now and then in between. */
export class StepLog {
  readonly #index: number;
  readonly #name: string;
  readonly #listener: JobListener;
  readonly #clock: Clock;
  /** When the step last printed something, in milliseconds since 1970; at first, when it began. */
  lastWrite: number;
  #output = "";
  #cut = false;
  #ended = false;
  #callOff: (() => void) | null = null;

  constructor(index: number, name: string, listener: JobListener, clock: Clock) {
    this.#index = index;
    this.#name = name;
    this.#listener = listener;
    this.#clock = clock;
    this.lastWrite = clock.now();
    this.#report("running", null);
  }

  write(text: string): void {
    this.lastWrite = this.#clock.now();
    if (this.#ended || this.#cut) return;
    const room = longestOutput - this.#output.length;
    this.#cut = text.length > room;
    this.#output += this.#cut
      ? `${text.slice(0, room)}\n[The rest is not kept: a step's output may have ${longestOutput} characters.]\n`
      : text;
    this.#callOff ??= this.#clock.after(reportInterval, () => {
      this.#callOff = null;
      this.#report("running", null);
    });
  }

  line(text: string): void {
    this.write(this.#output === "" || this.#output.endsWith("\n") ? `${text}\n` : `\n${text}\n`);
  }

  end(status: StepStatus, exitCode: number | null): void {
    if (this.#ended) return;
    this.#callOff?.();
    this.#ended = true;
    this.#report(status, exitCode);
  }

  #report(status: StepStatus, exitCode: number | null): void {
    this.#listener.step({
      index: this.#index,
      name: this.#name,
      status,
      exitCode,
      output: this.#output,
    });
  }
}
