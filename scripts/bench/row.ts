/** One line of the bench: the same done our way and another way, on the same servers, in the same run. */
export interface Row {
  readonly title: string;
  readonly unit: "ms" | "";
  /** What the other way is. */
  readonly against: string;
  /** Takes turns, so that a busy moment of the machine meets both. Throws where either way fails. */
  measure(): Promise<Measurement>;
}

interface Measurement {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Runs both `times` times, in turns. */
export async function inTurns(
  times: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Measurement> {
  const results = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = 0; turn < times; turn++) {
    results.ours.push(await ours());
    results.theirs.push(await theirs());
  }
  return results;
}

const endings: (() => Promise<void>)[] = [];

/** What a row has started is stopped when all rows are through, the last first. */
export function atEnd(stop: () => Promise<void>): void {
  endings.unshift(stop);
}

/** Stops all of it, and returns what could not be stopped. */
export async function endAll(): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const stop of endings.splice(0)) await stop().catch((error: unknown) => failures.push(error));
  return failures;
}
