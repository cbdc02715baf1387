import type { Clock } from "./clock.ts";

/** What is due to happen on a clock, so that one can ask whether anything is, and call all of it off. */
export class Delays {
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get count(): number {
    return this.#pending.size;
  }

  /** The answer calls the action off. */
  after(delay: number, action: () => void): () => void {
    const stop = this.#clock.after(delay, () => {
      this.#pending.delete(callOff);
      action();
    });
    const callOff = () => {
      this.#pending.delete(callOff);
      stop();
    };
    this.#pending.add(callOff);
    return callOff;
  }

  callOffAll(): void {
    for (const callOff of this.#pending) callOff();
  }
}
