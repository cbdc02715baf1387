import { type Fields, fieldsOf, isFields, showValue } from "./fields.ts";

/** Puts in what `<< parameters.name >>` or `<< matrix.name >>` stands for. What it does not know stays. */
export function fillIn(value: unknown, scope: "parameters" | "matrix", known: Fields): unknown {
  if (Array.isArray(value)) return value.map((item) => fillIn(item, scope, known));
  if (isFields(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, scope, known)]));
  }
  if (typeof value !== "string") return value;
  const [, whole = ""] = new RegExp(`^<<\\s*${scope}\\.([\\w-]+)\\s*>>$`).exec(value) ?? [];
  if (Object.hasOwn(known, whole)) return known[whole];
  return value.replace(new RegExp(`(?<!\\\\)<<\\s*${scope}\\.([\\w-]+)\\s*>>`, "g"), (text, name: string) =>
    Object.hasOwn(known, name) ? showValue(known[name]) : text,
  );
}

/** The steps of a job or command, as the one who uses it with these arguments gets them. */
export function stepsWith(element: unknown, given: Fields): unknown {
  const { parameters, steps } = fieldsOf(element);
  const defaults = Object.entries(fieldsOf(parameters)).flatMap(([name, parameter]) => {
    const fields = fieldsOf(parameter);
    return Object.hasOwn(fields, "default") ? [[name, fields.default] as const] : [];
  });
  return fillIn(steps, "parameters", { ...Object.fromEntries(defaults), ...given });
}
