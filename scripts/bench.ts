import { mkdir, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { measureBytes } from "./bench/command-bytes.ts";
import { endAll, type Row } from "./bench/row.ts";
import { bundleBudget } from "./bundle.ts";

/**
 * `npm run bench [words of titles or file names]`: what the orb's way costs beside another way, in one run on one
 * machine. Only the ratios mean anything elsewhere. A row is a file bench/<name>.row.ts that exports `row`. Writes
 * dist/bench.json, too.
 */

interface Result {
  readonly title: string;
  readonly unit: string;
  readonly against: string;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
  /** Median of theirs by median of ours: above one, ours is the smaller. Null where ours is nothing. */
  readonly ratio: number | null;
}

const folder = fileURLToPath(new URL("./bench/", import.meta.url));
const wanted = process.argv.slice(2);
const files = (await readdir(folder)).filter((name) => name.endsWith(".row.ts")).sort();
const results: Result[] = [];

try {
  for (const file of files) {
    const { row } = (await import(`${folder}${file}`)) as { readonly row: Row };
    if (wanted.length > 0 && !wanted.some((word) => `${file} ${row.title}`.includes(word))) continue;
    console.error(`measuring: ${row.title} …`);
    const { ours, theirs } = await row.measure();
    const [own, other] = [median(ours), median(theirs)];
    results.push({ ...row, ours, theirs, ratio: own === 0 ? null : other / own });
  }
} finally {
  await endAll();
}

print(results);
const bytes = measureBytes();
console.log(`\nbytes that one use of a command adds to a compiled configuration, of ${bundleBudget}:`);
for (const [command, size] of bytes) console.log(`  ${command.padEnd(20)} ${size}`);
const dist = fileURLToPath(new URL("../dist/", import.meta.url));
await mkdir(dist, { recursive: true });
await writeFile(
  `${dist}bench.json`,
  `${JSON.stringify({ rows: results, bytes: Object.fromEntries(bytes) }, null, 2)}\n`,
);

function print(rows: readonly Result[]): void {
  const cells = [
    ["what", "circleback", "the other way", "ratio", "spread", "the other way is"],
    ...rows.map(({ title, unit, against, ours, theirs, ratio }) => [
      title,
      show(median(ours), unit),
      show(median(theirs), unit),
      ratio === null ? "–" : `${ratio.toFixed(1)} to 1`,
      ours.length > 1 ? `${spread(ours, unit)} | ${spread(theirs, unit)}` : "",
      against,
    ]),
  ];
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function show(value: number, unit: string): string {
  return `${value.toFixed(0)}${unit && ` ${unit}`}`;
}

function spread(values: readonly number[], unit: string): string {
  return `${show(Math.min(...values), "")}…${show(Math.max(...values), unit)}`;
}
