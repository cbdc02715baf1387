import { decodeBuiltIn, isBuiltInStep, normalizeBuiltIn } from "./built-in-steps.ts";
import { bindExecutor } from "./executors.ts";
import { interpolate, scopeOf } from "./interpolate.ts";
import { type FoundElement, findElement, type Library } from "./library.ts";
import { evaluateLogic } from "./logic.ts";
import { type Binder, bindArguments, readDeclarations } from "./parameters.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, expectList, expectMap, mismatch } from "./shape.ts";
import { BoundSteps, type ExpandedStep, entryOf, isMap, type Value, type ValueMap } from "./value.ts";

/** What the steps of one body see: the names of its library, and the commands that are being called. */
export interface StepContext {
  readonly library: Library;
  readonly problems: Problems;
  /** Paths of the commands on the way here, innermost last. */
  readonly stack: readonly string[];
}

/** Binds arguments that are written in the given body. */
export function binderFor(context: StepContext): Binder {
  return {
    steps: (value, place) =>
      value instanceof BoundSteps ? value : new BoundSteps(expandSteps(value, context, place)),
    executor: (value, place) => bindExecutor(value, context.library, place, context.problems),
  };
}

/** Expands steps that are already interpolated: calls, conditions and step arguments become built-in steps. */
export function expandSteps(steps: Value, context: StepContext, place: Place): readonly ExpandedStep[] {
  if (steps instanceof BoundSteps) return steps.steps;
  return expectList(steps, place, context.problems).flatMap(
    (step, index) => context.problems.attempt(() => expandStep(step, context, place.at(index))) ?? [],
  );
}

function expandStep(step: Value, context: StepContext, place: Place): readonly ExpandedStep[] {
  const { problems } = context;
  if (typeof step === "string") return expandNamed(step, null, context, place);
  if (!isMap(step)) return problems.fail(place, mismatch("Mapping", step));
  const [name, ...others] = Object.keys(step);
  if (name === undefined || others.length > 0) {
    return problems.fail(
      place,
      `maximum size: [1], found: [${Object.keys(step).length}]; a step has exactly one key`,
    );
  }
  const body = step[name] ?? null;
  const here = place.at(name);
  if (name === "when" || name === "unless") return expandConditional(name, body, context, here);
  if (name === "steps") return expandSteps(body, context, here);
  return expandNamed(name, body, context, here);
}

function expandConditional(
  name: "when" | "unless",
  body: Value,
  context: StepContext,
  place: Place,
): readonly ExpandedStep[] {
  const { problems } = context;
  const map = expectMap(body, place, problems);
  if (!checkKeys(map, ["condition", "steps"], ["steps"], place, problems)) return problems.abandon();
  // A condition that is null is a pipeline value that is not set, and false; a missing key is a mistake.
  const condition = entryOf(map, "condition");
  if (condition === undefined) return problems.fail(place, "required key [condition] not found");
  const holds = evaluateLogic(condition, place.at("condition"), problems);
  return holds === (name === "when") ? expandSteps(map.steps ?? null, context, place.at("steps")) : [];
}

function expandNamed(name: string, body: Value, context: StepContext, place: Place): readonly ExpandedStep[] {
  const { problems } = context;
  const found = findElement(context.library, "commands", name);
  const current = context.stack.at(-1);
  const overridesItself = isBuiltInStep(name) && found !== null && found.path.join(".") === current;
  if (found !== null && !overridesItself) return callCommand(name, found, body, context, place);
  if (!isBuiltInStep(name)) {
    return problems.fail(place, `Cannot find a definition for command named ${name}`);
  }
  return [{ source: normalizeBuiltIn(name, body), step: decodeBuiltIn(name, body, place, problems) }];
}

function callCommand(
  name: string,
  found: FoundElement,
  body: Value,
  context: StepContext,
  place: Place,
): readonly ExpandedStep[] {
  const { problems } = context;
  const calling = place.calling("command", name);
  const path = found.path.join(".");
  if (context.stack.includes(path)) {
    return problems.fail(calling, `Command '${name}' calls itself: ${[...context.stack, path].join(" → ")}`);
  }
  const inside = calling.jumpTo(found.path);
  const definition = expectMap(found.definition, inside, problems);
  if (!checkKeys(definition, ["steps", "parameters", "description"], ["steps"], inside, problems)) {
    return problems.abandon();
  }
  const within: StepContext = { library: found.library, problems, stack: [...context.stack, path] };
  const given: ValueMap = body === null ? {} : expectMap(body, calling, problems);
  const parameters = bindArguments(
    readDeclarations(definition.parameters, inside.at("parameters"), problems),
    {
      given,
      place: calling,
      binder: binderFor(context),
      defaultPlace: inside.at("parameters"),
      defaultBinder: binderFor(within),
      expand: (value, at) => interpolate(value, scopeOf(found.library), at, problems),
    },
    problems,
  );
  const steps = inside.at("steps");
  const scope = scopeOf(found.library, parameters);
  return expandSteps(interpolate(definition.steps ?? null, scope, steps, problems), within, steps);
}
