/** A scenario that cannot be run: all of its problems at once, each one sentence that begins with its place. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly file: string;
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], options: { readonly cause?: unknown } = {}) {
    super(
      [`${file} is not a scenario that can be run.`, ...problems.map((problem) => `  ${problem}`)].join("\n"),
      options,
    );
    this.file = file;
    this.problems = problems;
  }
}
