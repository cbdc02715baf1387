import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { endAll, type Row } from "./bench/row.ts";

/**
 * `npm run bench [words of titles or file names]`: what the orb's way costs beside another way, in one run on one
 * machine. Only the ratios mean anything elsewhere. A row is a file bench/<name>.row.ts that exports `row`.
 */

const folder = fileURLToPath(new URL("./bench/", import.meta.url));
const wanted = process.argv.slice(2);
const files = (await readdir(folder)).filter((name) => name.endsWith(".row.ts")).sort();

try {
  for (const file of files) {
    const { row } = (await import(`${folder}${file}`)) as { readonly row: Row };
    if (wanted.length > 0 && !wanted.some((word) => `${file} ${row.title}`.includes(word))) continue;
    const { ours, theirs } = await row.measure();
    const [own, other] = [median(ours), median(theirs)];
    const show = (value: number) => `${value.toFixed(0)}${row.unit && ` ${row.unit}`}`;
    console.log(`${row.title}: ${show(own)}, against ${show(other)} (${compare(own, other)})`);
    console.log(`  against: ${row.against}`);
    if (ours.length > 1) console.log(`  runs: ${spread(ours)} against ${spread(theirs)}`);
  }
} finally {
  await endAll();
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Above one, ours is the smaller. */
function compare(ours: number, theirs: number): string {
  return ours === 0 ? `${theirs.toFixed(0)} fewer` : `${(theirs / ours).toFixed(1)} to 1`;
}

function spread(values: readonly number[]): string {
  return values.map((value) => value.toFixed(0)).join(" ");
}
