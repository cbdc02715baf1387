import { executorKeys } from "./executors.ts";
import { checkJobShape } from "./jobs.ts";
import type { ElementKind, Library } from "./library.ts";
import { Place, type Problems } from "./problems.ts";
import { checkKeys, expectMap } from "./shape.ts";

/** CircleCI checks the form of every element, used or not. */
export function checkShapes(library: Library, problems: Problems): void {
  const placeOf = (kind: ElementKind, name: string) => new Place([...library.path, kind, name]);
  for (const [name, job] of Object.entries(library.jobs)) {
    problems.attempt(() => checkJobShape(job, placeOf("jobs", name), problems));
  }
  for (const [name, command] of Object.entries(library.commands)) {
    const place = placeOf("commands", name);
    problems.attempt(() =>
      checkKeys(
        expectMap(command, place, problems),
        ["steps", "parameters", "description"],
        ["steps"],
        place,
        problems,
      ),
    );
  }
  for (const [name, executor] of Object.entries(library.executors)) {
    const place = placeOf("executors", name);
    problems.attempt(() =>
      checkKeys(
        expectMap(executor, place, problems),
        [...executorKeys, "parameters", "description"],
        [],
        place,
        problems,
      ),
    );
  }
}
