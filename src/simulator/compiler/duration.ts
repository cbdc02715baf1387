const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `20m`, `1.25h`, `1h 30m` → milliseconds; null when it is no duration. */
export function parseDuration(text: string): number | null {
  if (!/^\s*(?:\d+(?:\.\d+)?(?:ms|s|m|h)\s*)+$/.test(text)) return null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (units[unit ?? ""] ?? 0);
  }
  return Math.round(total);
}
