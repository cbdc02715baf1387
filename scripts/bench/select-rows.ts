import type { Row } from "./row.ts";

export interface RowFile {
  readonly file: string;
  readonly row: Row;
}

/** The rows with one of the words in their title or file name; all of them for no words. A word that none has is refused. */
export function selectRows(rows: readonly RowFile[], words: readonly string[]): readonly RowFile[] {
  const has = ({ file, row }: RowFile, word: string) => `${file} ${row.title}`.includes(word);
  const idle = words.filter((word) => !rows.some((row) => has(row, word)));
  if (idle.length > 0) {
    const names = rows.map(({ file, row }) => `  ${file}: ${row.title}`).join("\n");
    throw new Error(
      `No row of the bench has ${idle.join(", ")} in its title or file name. They are:\n${names}`,
    );
  }
  return words.length === 0 ? rows : rows.filter((row) => words.some((word) => has(row, word)));
}
