/** A command line that makes no sense: what is wrong with it, and what to do instead. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hints: readonly string[];

  constructor(message: string, ...hints: readonly string[]) {
    super(message);
    this.hints = hints;
  }
}
