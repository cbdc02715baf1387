/** What one row measured. */
export interface Result {
  readonly title: string;
  readonly unit: "ms" | "";
  readonly against: string;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** One run of the bench, as dist/bench.json keeps it. */
export interface Bench {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly rows: readonly Result[];
  /** By command: what one use of it adds to a compiled configuration. */
  readonly bytes: Readonly<Record<string, number>>;
}

const header = ["what", "circleback", "the other way", "ratio", "the other way is"];

/** For a terminal. */
export function showTable(rows: readonly Result[]): string {
  const cells = [header, ...rows.map(listCells)];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function showBytes(bytes: Bench["bytes"]): string {
  const lines = Object.entries(bytes).map(([command, size]) => `  ${command.padEnd(20)} ${size}`);
  return ["bytes that one use of a command adds to a compiled configuration:", ...lines].join("\n");
}

const begin = "<!-- bench: written by `npm run bench -- --readme` -->";
const end = "<!-- end of bench -->";

/** The README with the figures of this run. */
export function updateBench(readme: string, { date, commit, machine, rows, bytes }: Bench): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`README.md has lost its marks ${begin} and ${end}.`);
  const lines = [header, header.map(() => "---"), ...rows.map(listCells)];
  const table = lines.map((cells) => `| ${cells.map(escapeCell).join(" | ")} |`);
  const sizes = Object.entries(bytes).map(([command, size]) => `\`${command}\` ${(size / 1000).toFixed(0)}`);
  const text = `Measured on ${date.slice(0, 10)} at commit ${commit.replace(/^([0-9a-f]{7})[0-9a-f]*/, "$1")}, on ${machine}. Each cell is a median with the smallest and the largest value behind it; a ratio above 1 is in favour of circleback.

${table.join("\n")}

What one use of a command adds to a compiled configuration, of which CircleCI takes 8 MB, in thousands of bytes: ${sizes.join(", ")}.`;
  return [before, begin, "\n\n", text, "\n\n", end, after].join("");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function listCells({ title, unit, against, ours, theirs }: Result): readonly string[] {
  const [own, other] = [median(ours), median(theirs)];
  const ratio = own === 0 ? "–" : (other / own).toFixed(1);
  return [title, showValues(ours, unit), showValues(theirs, unit), ratio, against];
}

function showValues(values: readonly number[], unit: string): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const spread = least === most ? "" : ` (${least.toFixed(0)}…${most.toFixed(0)})`;
  return `${median(values).toFixed(0)}${unit && ` ${unit}`}${spread}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
