export interface AxisTick {
  /** Milliseconds since the run began. */
  readonly at: number;
  readonly label: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Distances that people count in. */
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * second),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hour),
];

/** At most nine ticks from 0 up to `span` milliseconds, at round distances. */
export function layOutAxis(span: number): readonly AxisTick[] {
  const step = steps.find((candidate) => span / candidate < 9) ?? Math.ceil(span / (8 * hour)) * hour;
  const count = Math.floor(span / step) + 1;
  return Array.from({ length: count }, (_, index) => ({
    at: index * step,
    label: label(index * step, step),
  }));
}

function label(at: number, step: number): string {
  if (at === 0) return "0";
  if (step < second) return step < 100 ? `${at} ms` : `${(at / second).toFixed(1)} s`;
  const parts = [Math.floor(at / hour), Math.floor(at / minute) % 60, Math.floor(at / second) % 60];
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  if (step < minute) return at < minute ? `${seconds} s` : `${hours * 60 + minutes}:${twoDigits(seconds)}`;
  return hours === 0 ? `${minutes} min` : `${hours}:${twoDigits(minutes)} h`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
