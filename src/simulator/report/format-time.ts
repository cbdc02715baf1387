/** `480 ms`, `4.2 s`, `1 min 05 s`, `2 h 03 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 100) return milliseconds < 1 ? "0 s" : `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${trim((milliseconds / 1000).toFixed(milliseconds < 1000 ? 2 : 1))} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** Time since the run began: `00:03.2`, past an hour `1:02:03.4`. */
export function formatClock(milliseconds: number): string {
  const tenths = Math.floor(Math.max(0, milliseconds) / 100);
  const seconds = Math.floor(tenths / 10);
  const tail = `${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}.${tenths % 10}`;
  return seconds < 3600 ? tail : `${Math.floor(seconds / 3600)}:${tail}`;
}

function trim(decimal: string): string {
  return decimal.replace(/\.?0+$/, "");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
