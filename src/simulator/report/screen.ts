import type { WriteStream } from "node:tty";

/** Where a person, or a log, reads what happens. */
export interface Screen {
  write(text: string): void;
  /** Null: a file or a pipe, in which nothing can be redrawn. */
  size(): { readonly columns: number; readonly rows: number } | null;
  readonly hasColor: boolean;
}

/** The process's own output. Colour needs a terminal, and nobody who sets `NO_COLOR`. */
export function openScreen(
  stream: Pick<WriteStream, "write" | "isTTY" | "columns" | "rows">,
  env: Readonly<Record<string, string | undefined>>,
): Screen {
  const isTerminal = stream.isTTY === true && env.TERM !== "dumb";
  return {
    write: (text) => {
      stream.write(text);
    },
    size: () => (isTerminal ? { columns: stream.columns || 80, rows: stream.rows || 24 } : null),
    hasColor: isTerminal && (env.NO_COLOR ?? "") === "",
  };
}
