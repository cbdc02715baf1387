import type { Place, Problems } from "./problems.ts";
import { checkKeys, expectMap, mismatch } from "./shape.ts";
import { entryOf, isList, isMap, typeOf, type Value, type ValueMap } from "./value.ts";

const elementTypes = ["string", "boolean", "integer", "enum", "executor", "steps", "env_var_name"] as const;
export const pipelineTypes = ["string", "boolean", "integer", "enum"] as const;

export type ParameterType = (typeof elementTypes)[number];

interface Declaration {
  readonly type: ParameterType;
  readonly choices: readonly Value[];
  /** Undefined: the argument is required. A default of null is none, an empty text is one. */
  readonly fallback: Value | undefined;
}

export type Declarations = Readonly<Record<string, Declaration>>;

/** Reads a `parameters:` section. `place` is that of the section. */
export function readDeclarations(
  section: Value | undefined,
  place: Place,
  problems: Problems,
  types: readonly ParameterType[] = elementTypes,
): Declarations {
  if (section === undefined || section === null) return {};
  const declarations: Record<string, Declaration> = {};
  for (const [name, value] of Object.entries(expectMap(section, place, problems))) {
    const declaration = problems.attempt(() => readDeclaration(name, value, place.at(name), problems, types));
    if (declaration !== undefined) declarations[name] = declaration;
  }
  return declarations;
}

function readDeclaration(
  name: string,
  value: Value,
  place: Place,
  problems: Problems,
  types: readonly ParameterType[],
): Declaration {
  const map = expectMap(value, place, problems);
  const required = types === pipelineTypes ? ["type", "default"] : ["type"];
  if (!checkKeys(map, ["type", "default", "description", "enum"], required, place, problems)) {
    return problems.abandon();
  }
  const type = types.find((name) => name === map.type);
  if (type === undefined) {
    return problems.fail(place.at("type"), `Input not a valid enum value; one of: ${types.join(", ")}`);
  }
  const choices = entryOf(map, "enum") ?? null;
  if (type === "enum" && (!isList(choices) || choices.length === 0)) {
    return problems.fail(place, "required key [enum] not found");
  }
  const declaration = {
    type,
    choices: isList(choices) ? choices : [],
    fallback: entryOf(map, "default") ?? undefined,
  };
  const isSettled = !(typeof declaration.fallback === "string" && declaration.fallback.includes("<<"));
  if (declaration.fallback !== undefined && isSettled && type !== "steps" && type !== "executor") {
    convert(name, declaration, declaration.fallback, place.at("default"), scalarBinder(problems), problems);
  }
  return declaration;
}

/** Turns arguments that hold names into ones that remember where those names belong. */
export interface Binder {
  steps(value: Value, place: Place): Value;
  executor(value: Value, place: Place): Value;
}

export const scalarBinder = (problems: Problems): Binder => ({
  steps: (value, place) => problems.fail(place, mismatch("String", value)),
  executor: (value, place) => problems.fail(place, mismatch("String", value)),
});

export interface Arguments {
  readonly given: ValueMap;
  /** Where the arguments are written, and how names in them are bound. */
  readonly place: Place;
  readonly binder: Binder;
  /** The same for defaults; `expand` replaces `<< pipeline… >>` in them. */
  readonly defaultPlace: Place;
  readonly defaultBinder: Binder;
  readonly expand: (value: Value, place: Place) => Value;
}

/** Checks arguments against declarations, for every element and for the pipeline. Reports all problems, then gives up. */
export function bindArguments(declarations: Declarations, args: Arguments, problems: Problems): ValueMap {
  const before = problems.reported;
  const unexpected = Object.keys(args.given).filter((name) => !Object.hasOwn(declarations, name));
  if (unexpected.length > 0) problems.report(args.place, `Unexpected argument(s): ${unexpected.join(", ")}`);
  const bound: Record<string, Value> = {};
  const missing: string[] = [];
  for (const [name, declaration] of Object.entries(declarations)) {
    const given = entryOf(args.given, name);
    if (given === undefined && declaration.fallback === undefined) {
      missing.push(name);
      continue;
    }
    problems.attempt(() => {
      if (given !== undefined) {
        bound[name] = convert(name, declaration, given, args.place.at(name), args.binder, problems);
        return;
      }
      const place = args.defaultPlace.at(name, "default");
      const fallback = args.expand(declaration.fallback ?? null, place);
      bound[name] = convert(name, declaration, fallback, place, args.defaultBinder, problems);
    });
  }
  if (missing.length > 0) problems.report(args.place, `Missing required argument(s): ${missing.join(", ")}`);
  return problems.reported > before ? problems.abandon() : bound;
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function convert(
  name: string,
  declaration: Declaration,
  value: Value,
  place: Place,
  binder: Binder,
  problems: Problems,
): Value {
  switch (declaration.type) {
    case "steps":
      return binder.steps(value, place);
    case "executor":
      return binder.executor(value, place);
    case "string":
      // A pipeline value that is not set is null, and an empty text where a text is asked for.
      if (value === null) return "";
      if (typeof value === "string") return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value;
      break;
    case "integer":
      if (typeof value === "number" && Number.isInteger(value)) return value;
      break;
    case "env_var_name":
      if (typeof value === "string" && variableName.test(value)) return value;
      break;
    case "enum":
      if (declaration.choices.includes(value)) return value;
  }
  const expected =
    declaration.type === "enum" ? `enum, one of: ${declaration.choices.join(", ")}` : declaration.type;
  const shown = isMap(value) || isList(value) ? JSON.stringify(value) : `"${String(value)}"`;
  return problems.fail(
    place,
    `Type error for argument ${name}: expected type: ${expected}, actual value: ${shown} (type ${typeOf(value)})`,
  );
}
