import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { measureBytes } from "./bench/command-bytes.ts";
import { describeMachine } from "./bench/machine.ts";
import { type Bench, type Result, showBytes, showTable, updateBench } from "./bench/report.ts";
import { endAll, type Row } from "./bench/row.ts";
import { type RowFile, selectRows } from "./bench/select-rows.ts";
import { nameCommit } from "./source.ts";

/**
 * `npm run bench [-- words of titles or file names]`: what the orb's way costs beside another way, in one run on one
 * machine. Only the ratios mean anything elsewhere. A row is a file bench/<name>.row.ts that exports `row`. A run of
 * all rows writes dist/bench.json. A row that fails is named at the end, and the others are measured all the same.
 *
 * `npm run bench -- --readme` measures nothing: it writes the tables of the README from dist/bench.json.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const rows = await loadRows();
const wanted = process.argv.slice(2);

try {
  if (wanted.includes("--readme")) await quote();
  else await measure();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}

async function measure(): Promise<void> {
  const chosen = selectRows(rows, wanted);
  const results: Result[] = [];
  const failures: string[] = [];
  const start = Date.now();
  const machine = await describeMachine();
  for (const { file, row } of chosen) {
    console.error(`measuring: ${row.title}, against ${row.against} …`);
    try {
      const { title, unit, against } = row;
      results.push({ title, unit, against, ...(await row.measure()) });
    } catch (error) {
      failures.push(`${file}: ${messageOf(error)}`);
    }
  }
  for (const error of await endAll()) failures.push(`not stopped: ${messageOf(error)}`);
  const bench: Bench = {
    date: new Date(start).toISOString(),
    commit: nameCommit(root).replace(/^commit /, ""),
    machine,
    rows: results,
    bytes: await measureBytes(`${root}dist/orb.yml`),
  };
  if (wanted.length === 0) {
    await mkdir(`${root}dist`, { recursive: true });
    await writeFile(`${root}dist/bench.json`, `${JSON.stringify(bench, null, 2)}\n`);
  }
  console.log(`${showTable(results)}\n\n${showBytes(bench.bytes)}\n`);
  console.log(`In ${Math.round((Date.now() - start) / 1000)} s on ${machine}.`);
  for (const failure of failures) console.error(`FAILED: ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

async function quote(): Promise<void> {
  const bench = JSON.parse(await readFile(`${root}dist/bench.json`, "utf8")) as Bench;
  const missing = rows.filter(
    ({ row }) => !bench.rows.some((result) => result.title === row.title && result.against === row.against),
  );
  if (missing.length > 0) {
    const names = missing.map(({ file }) => file).join(", ");
    throw new Error(`dist/bench.json has no ${names}: run the whole bench first.`);
  }
  await writeFile(`${root}README.md`, updateBench(await readFile(`${root}README.md`, "utf8"), bench));
}

async function loadRows(): Promise<readonly RowFile[]> {
  const folder = `${root}scripts/bench/`;
  const names = (await readdir(folder)).filter((name) => name.endsWith(".row.ts"));
  const files = names.map((name) => name.slice(0, -".row.ts".length)).sort();
  return Promise.all(
    files.map(async (file) => {
      const { row } = (await import(`${folder}${file}.row.ts`)) as { readonly row: Row };
      return { file, row };
    }),
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
