import type { Host } from "./host.ts";

/** Does some work that is told by a signal when so many milliseconds are over. */
export async function within<T>(
  { clock }: Pick<Host, "clock">,
  duration: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const ended = new AbortController();
  const timer = clock.sleep(duration, ended.signal).then(() => over.abort());
  try {
    return await work(over.signal);
  } finally {
    ended.abort();
    await timer;
  }
}

/** Aborted as soon as one of the two is: Node 18 knows no AbortSignal.any. */
export function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort();
    else signal.addEventListener("abort", () => both.abort(), { signal: both.signal });
  }
  return both.signal;
}
