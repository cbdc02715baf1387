import { type Fields, fieldsOf, listOf, showValue } from "./fields.ts";
import { fillIn } from "./fill-in.ts";

/** One job of a workflow as it is written, or one leg of its matrix. */
export interface Leg {
  readonly name: string;
  /** By which others require all legs of the matrix. */
  readonly alias: string;
  readonly use: Fields;
}

/** As CircleCI names them: `job-a-b`, with the values in the alphabetical order of their parameters. */
export function listLegs(job: string, written: Fields): readonly Leg[] {
  const { matrix, ...use } = written;
  if (matrix === undefined) {
    const name = nameOf(use) ?? job;
    return [{ name, alias: name, use }];
  }
  const { parameters, exclude, alias } = fieldsOf(matrix);
  let choices: readonly Fields[] = [{}];
  for (const [name, values] of Object.entries(fieldsOf(parameters))) {
    const list = Array.isArray(values) ? values : [values];
    choices = choices.flatMap((choice) => list.map((value) => ({ ...choice, [name]: value })));
  }
  const excluded = listOf(exclude).map((choice) => JSON.stringify(sorted(fieldsOf(choice))));
  return choices
    .filter((choice) => !excluded.includes(JSON.stringify(sorted(choice))))
    .map((choice) => {
      const filled = { ...fieldsOf(fillIn(use, "matrix", choice)), ...choice };
      const usual = [job, ...sorted(choice).map(([, value]) => showValue(value))].join("-");
      return {
        name: nameOf(filled) ?? usual,
        alias: typeof alias === "string" ? alias : job,
        use: filled,
      };
    });
}

function sorted(choice: Fields): readonly (readonly [string, unknown])[] {
  return Object.entries(choice).sort(([a], [b]) => (a < b ? -1 : 1));
}

function nameOf({ name }: Fields): string | null {
  return typeof name === "string" ? name : null;
}
