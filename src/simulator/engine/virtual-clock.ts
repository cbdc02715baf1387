import type { Clock } from "./clock.ts";

interface Alarm {
  readonly time: number;
  readonly action: () => void;
}

/** A clock that stands still until it is told to jump; promises that hang on it are given their turn between jumps. */
export class VirtualClock implements Clock {
  #now: number;
  /** Kept in the order in which they ring: by time, then by age. */
  readonly #alarms: Alarm[] = [];

  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): () => void {
    const alarm: Alarm = { time: this.#now + Math.max(0, delay), action };
    const earlier = this.#alarms.findLastIndex((other) => other.time <= alarm.time);
    this.#alarms.splice(earlier + 1, 0, alarm);
    return () => {
      const place = this.#alarms.indexOf(alarm);
      if (place !== -1) this.#alarms.splice(place, 1);
    };
  }

  sleep(duration: number): Promise<void> {
    return new Promise((resolve) => this.after(duration, resolve));
  }

  /** Lets `duration` milliseconds pass, and everything happen that falls due in them. */
  async advance(duration: number): Promise<void> {
    const end = this.#now + duration;
    await this.#runAlarms(end);
    this.#now = end;
  }

  /** Jumps from alarm to alarm until none is left; `limit` is the latest time to go to. */
  async runUntilIdle(limit = Number.POSITIVE_INFINITY): Promise<void> {
    await this.#runAlarms(limit);
  }

  async #runAlarms(end: number): Promise<void> {
    await promisesToSettle();
    for (let next = this.#alarms[0]; next !== undefined && next.time <= end; next = this.#alarms[0]) {
      this.#alarms.shift();
      this.#now = next.time;
      next.action();
      await promisesToSettle();
    }
  }
}

/** Node runs every promise job, and those that they start, before it comes to an immediate. */
function promisesToSettle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
