import type { Host } from "../host/host.ts";

/** CircleCI ends a step that prints nothing for 10 minutes; people get uneasy sooner. */
const signOfLife = 60_000;

export interface PollOptions {
  /** Milliseconds before the second look; each later pause is half as long again, up to `longest`. */
  readonly first: number;
  readonly longest: number;
  /** When to give up, in milliseconds since 1970: asked anew each time, since it may be put off. */
  readonly deadline: () => number;
  /** What is waited for, as a sentence for the log. */
  readonly waitingFor: () => string;
}

/** Looks again and again until `look` finds something. Null when the deadline passed; throws when the job is cancelled. */
export async function poll<T>(
  host: Host,
  options: PollOptions,
  look: () => Promise<T | null>,
): Promise<T | null> {
  let pause = options.first;
  let spoken = host.clock.now();
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    const left = options.deadline() - host.clock.now();
    if (left <= 0) return null;
    if (host.clock.now() - spoken >= signOfLife) {
      host.log.info(`${options.waitingFor()} (${formatDuration(left)} left)`);
      spoken = host.clock.now();
    }
    await host.clock.sleep(Math.min(pause, left), host.canceled);
    host.canceled.throwIfAborted();
    pause = Math.min(options.longest, pause * 1.5);
  }
}

/** Milliseconds as people write them: `45s`, `2m`, `1h30m`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join("") || "0s"
  );
}
