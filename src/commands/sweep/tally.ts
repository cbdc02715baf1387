import { UserError } from "../../errors.ts";
import type { FoundChild } from "./find-child.ts";

/** What a sweep has done so far. */
export class Tally {
  readonly projects = new Set<string>();
  pipelines = 0;
  approved = 0;
  canceled = 0;
  /** Holds that a receipt names, and that stay as they are. */
  left = 0;
  orphans = 0;
  /** What could not be swept; the sweep goes on, and fails at its end. */
  readonly problems: { readonly what: string; readonly error: UserError }[] = [];

  noteUnseen({ name, unseen }: Pick<FoundChild, "name" | "unseen">, parent: string): void {
    if (unseen !== null) this.problems.push({ what: `${name}, child of ${parent}`, error: unseen });
  }

  describe(requests: number, isDryRun: boolean): string {
    const to = isDryRun ? "to be " : "";
    const looked = `${count(this.pipelines, "pipeline")} of ${count(this.projects.size, "project")}`;
    const holds = `${count(this.approved, "hold")} ${to}approved, ${this.canceled} ${to}cancelled, ${this.left} left`;
    const orphans = `${count(this.orphans, "child", "children")} ${to}cancelled`;
    return `Looked at ${looked} with ${count(requests, "request")}: ${holds}; ${orphans}.`;
  }

  /** Throws, with the code of a project that is not to be seen before any other, where something could not be swept. */
  assertComplete(): void {
    const { problems } = this;
    const first = problems.find(({ error }) => error.code === "circleci.not-found") ?? problems[0];
    if (first === undefined) return;
    const names = [...new Set(problems.map(({ what }) => what))].join("; ");
    throw new UserError(first.error.code, `Not everything could be swept: ${names}.`, {
      hints: [...new Set(problems.flatMap(({ error }) => error.hints))],
      cause: first.error,
    });
  }
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
