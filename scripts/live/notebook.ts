/** Where questions and answers are written down, one line at a time. */
export class Notebook {
  readonly #write: (line: string) => void;
  readonly #signal: AbortSignal;
  #count = 0;
  #open = 0;

  constructor(write: (line: string) => void, signal: AbortSignal) {
    this.#write = write;
    this.#signal = signal;
  }

  /** Questions that have got no answer, though they were asked. */
  get open(): number {
    return this.#open;
  }

  /** Writes the question, and what `find` says while it looks for the answer. Null where it finds none. */
  async ask<T>(question: string, find: (say: (line: string) => void) => Promise<T>): Promise<T | null> {
    this.#signal.throwIfAborted();
    this.#count += 1;
    this.#write(`\n${this.#count}. ${question}`);
    try {
      return await find((line) => this.#write(`   ${line}`));
    } catch (error) {
      this.#open += 1;
      this.#write(`   NO ANSWER: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  note(line: string): void {
    this.#write(line);
  }
}

/** What an earlier question should have found. */
export function need<T>(found: T | null | undefined, what: string): T {
  if (found === null || found === undefined) throw new Error(`It needs ${what}, which was not to be had.`);
  return found;
}
