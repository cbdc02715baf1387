const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

const parts = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** Timers of Node count in 32 bits: a longer one would ring at once. About 24 days. */
const longest = 2 ** 31 - 1;

/** Reads `250ms`, `2s`, `5m`, `1h` and joined ones such as `1m30s` as milliseconds; null for anything else. */
export function parseDuration(text: string): number | null {
  const match = parts.exec(text);
  if (match === null || text === "") return null;
  const [, h, m, s, ms] = match;
  const units = [
    [h, milliseconds.h],
    [m, milliseconds.m],
    [s, milliseconds.s],
    [ms, milliseconds.ms],
  ] as const;
  const total = units.reduce((sum, [count, unit]) => sum + Number(count ?? 0) * unit, 0);
  return total <= longest ? Math.round(total) : null;
}
