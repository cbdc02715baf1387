import { isBuiltInStep } from "./built-in-steps.ts";
import { checkShapes } from "./check-shapes.ts";
import type { CompileError } from "./compiled-config.ts";
import { interpolate, scopeOf } from "./interpolate.ts";
import { type ElementKind, findElement, type Library } from "./library.ts";
import { readOrb } from "./orbs.ts";
import { type Declarations, readDeclarations } from "./parameters.ts";
import { Place, Problems } from "./problems.ts";
import { expectList, mismatch } from "./shape.ts";
import { BoundExecutor, entryOf, isMap, type Value, type ValueMap, withoutKeys } from "./value.ts";

const kinds: readonly ElementKind[] = ["executors", "commands", "jobs"];

/**
 * What is wrong with an orb whose elements nobody has called yet: their form, the parameters that they refer to, and
 * the commands and executors that they name. `registry` has the orbs that it may import.
 */
export function validateOrb(source: string, registry: ReadonlyMap<string, string>): readonly CompileError[] {
  const problems = new Problems();
  problems.attempt(() => {
    const pipeline = { values: {}, parameters: null };
    const orb = readOrb(source, "", new Place(), { registry, pipeline, problems });
    checkShapes(orb, problems);
    if (problems.errors.length > 0) return;
    for (const kind of kinds) {
      for (const [name, definition] of Object.entries(orb[kind])) {
        if (isMap(definition)) problems.attempt(() => checkElement(kind, name, definition, orb, problems));
      }
    }
  });
  return problems.errors;
}

function checkElement(
  kind: ElementKind,
  name: string,
  definition: ValueMap,
  orb: Library,
  problems: Problems,
): void {
  const place = new Place([kind, name]);
  const declarations = readDeclarations(definition.parameters, place.at("parameters"), problems);
  const body = interpolate(
    withoutKeys(definition, ["parameters", "description"]),
    scopeOf(orb, sampleArguments(declarations, orb)),
    place,
    problems,
  );
  if (!isMap(body)) return;
  if (kind === "jobs") checkExecutor(body.executor ?? null, orb, place.at("executor"), problems);
  if (kind !== "executors") checkSteps(body.steps ?? null, orb, place.at("steps"), problems);
}

/** Something of the right type for each parameter, so that the places that use them can be looked at. */
function sampleArguments(declarations: Declarations, orb: Library): ValueMap {
  const samples = {
    string: "",
    boolean: false,
    integer: 1,
    env_var_name: "NAME",
    steps: [],
    executor: new BoundExecutor("", {}, orb),
  };
  return Object.fromEntries(
    Object.entries(declarations).map(([name, { type, choices }]) => [
      name,
      type === "enum" ? (choices[0] ?? null) : samples[type],
    ]),
  );
}

function checkExecutor(value: Value, orb: Library, place: Place, problems: Problems): void {
  const name = isMap(value) ? (value.name ?? null) : value;
  if (typeof name !== "string") return;
  if (findElement(orb, "executors", name) === null) {
    problems.report(place, `Cannot find a definition for executor named ${name}`);
  }
}

function checkSteps(steps: Value, orb: Library, place: Place, problems: Problems): void {
  if (steps === null) return;
  expectList(steps, place, problems).forEach((step, index) => {
    problems.attempt(() => checkStep(step, orb, place.at(index), problems));
  });
}

function checkStep(step: Value, orb: Library, place: Place, problems: Problems): void {
  if (typeof step !== "string" && !isMap(step)) problems.fail(place, mismatch("Mapping", step));
  const entries = typeof step === "string" ? { [step]: null } : step;
  for (const [name, body] of Object.entries(entries)) {
    const here = place.at(name);
    if (name === "steps") checkSteps(body, orb, here, problems);
    else if (name === "when" || name === "unless") {
      checkSteps(isMap(body) ? (body.steps ?? null) : null, orb, here.at("steps"), problems);
    } else checkCall(name, body, orb, here, problems);
  }
}

function checkCall(name: string, body: Value, orb: Library, place: Place, problems: Problems): void {
  if (isBuiltInStep(name)) return;
  const found = findElement(orb, "commands", name);
  if (found === null) problems.fail(place, `Cannot find a definition for command named ${name}`);
  if (!isMap(found.definition)) return;
  const parameters = new Place(found.path).at("parameters");
  const declarations = readDeclarations(found.definition.parameters, parameters, problems);
  const given = isMap(body) ? body : {};
  const unexpected = Object.keys(given).filter((key) => !Object.hasOwn(declarations, key));
  const missing = Object.entries(declarations).filter(
    ([key, { fallback }]) => fallback === undefined && entryOf(given, key) === undefined,
  );
  const calling = place.calling("command", name);
  if (unexpected.length > 0) problems.report(calling, `Unexpected argument(s): ${unexpected.join(", ")}`);
  if (missing.length > 0) {
    problems.report(calling, `Missing required argument(s): ${missing.map(([key]) => key).join(", ")}`);
  }
}
