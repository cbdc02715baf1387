import type { CompiledJob } from "./compiled-config.ts";
import { decodeEnvironment, environmentMap } from "./environment.ts";
import { bindExecutor, executorKeys, executorTypes, expandExecutor, mergeExecutor } from "./executors.ts";
import { interpolate, scopeOf } from "./interpolate.ts";
import type { FoundElement, Library } from "./library.ts";
import { type Binder, bindArguments, readDeclarations } from "./parameters.ts";
import { Place, type Problems } from "./problems.ts";
import { checkKeys, Entries, expectList, expectMap, mismatch } from "./shape.ts";
import { binderFor, expandSteps } from "./steps.ts";
import {
  type ExpandedStep,
  entryOf,
  isMap,
  textOf,
  type Value,
  type ValueMap,
  withoutKeys,
} from "./value.ts";

/** A job after expansion: its body in the form of version 2.0, and what it means. Null: a job without work. */
export interface ExpandedJob {
  readonly source: ValueMap;
  readonly job: CompiledJob | null;
}

const buildKeys = [
  "description",
  "parallelism",
  ...executorKeys,
  "steps",
  "retention",
  "circleci_ip_ranges",
  "executor",
  "parameters",
  "type",
  "branches",
];

const reservedParameters = ["name", "requires", "context", "type", "filters", "matrix"];

/** Checks a job's keys as CircleCI's schema does, whether the job is used or not; gives up when they are wrong. */
export function checkJobShape(definition: Value, place: Place, problems: Problems): ValueMap {
  const map = expectMap(definition, place, problems);
  const type = entryOf(map, "type") ?? "build";
  if (type === "no-op" || type === "approval") return map;
  if (type === "release")
    return problems.fail(place, "Jobs of type release are not modelled by the simulator");
  if (type !== "build") {
    return problems.fail(
      place.at("type"),
      "Input not a valid enum value; one of: build, release, no-op, approval",
    );
  }
  const before = problems.reported;
  checkKeys(map, buildKeys, ["steps"], place, problems);
  const types = executorTypes.filter((name) => Object.hasOwn(map, name));
  if (types.length > 1) problems.report(place, `More than one executor type: ${types.join(", ")}`);
  if (types.length === 0 && !Object.hasOwn(map, "executor")) {
    problems.report(
      place,
      'The job has no executor type specified. The job should have one of the following keys specified: "machine", "docker", "macos"',
    );
  }
  const parameters = isMap(map.parameters) ? Object.keys(map.parameters) : [];
  for (const name of parameters.filter((key) => reservedParameters.includes(key))) {
    problems.report(place.at("parameters", name), `Parameter name '${name}' is reserved`);
  }
  return problems.reported > before ? problems.abandon() : map;
}

/** How a workflow calls a job. */
export interface JobCall {
  readonly given: ValueMap;
  readonly place: Place;
  readonly binder: Binder;
  readonly preSteps: readonly ExpandedStep[];
  readonly postSteps: readonly ExpandedStep[];
}

/** Makes a job of version 2.0 out of a definition and the arguments of one call. */
export function expandJob(found: FoundElement, call: JobCall, problems: Problems): ExpandedJob {
  const inside = call.place.jumpTo(found.path);
  const definition = checkJobShape(found.definition, new Place(found.path), problems);
  if (entryOf(definition, "type") === "no-op") return { source: { type: "no-op" }, job: null };
  const context = { library: found.library, problems, stack: [] };
  const parameters = bindArguments(
    readDeclarations(definition.parameters, inside.at("parameters"), problems),
    {
      given: call.given,
      place: call.place,
      binder: call.binder,
      defaultPlace: inside.at("parameters"),
      defaultBinder: binderFor(context),
      expand: (value, at) => interpolate(value, scopeOf(found.library), at, problems),
    },
    problems,
  );
  const ignored = ["parameters", "description", "type", "branches"];
  const body = interpolate(
    withoutKeys(definition, ignored),
    scopeOf(found.library, parameters),
    inside,
    problems,
  );
  const job = expectMap(body, inside, problems);
  const environment = problems.attempt(() => withExecutor(job, found.library, inside, problems));
  const own = expandSteps(job.steps ?? null, context, inside.at("steps"));
  const steps = [...call.preSteps, ...own, ...call.postSteps];
  if (environment === undefined) return problems.abandon();
  const source = { ...environment, steps: steps.map((step) => step.source) };
  return { source, job: decodeJob(source, steps, inside, problems) };
}

function withExecutor(job: ValueMap, library: Library, place: Place, problems: Problems): ValueMap {
  const own = withoutKeys(job, ["executor", "steps"]);
  const reference = entryOf(job, "executor") ?? null;
  if (reference === null) return mergeExecutor({}, own, place, problems);
  const executor = bindExecutor(reference, library, place.at("executor"), problems);
  return mergeExecutor(expandExecutor(executor, place.at("executor"), problems), own, place, problems);
}

const dockerKeys = [
  "gcp_auth",
  "name",
  "command",
  "auth",
  "entrypoint",
  "image",
  "environment",
  "aws_auth",
  "user",
];

function decodeJob(
  source: ValueMap,
  steps: readonly ExpandedStep[],
  place: Place,
  problems: Problems,
): CompiledJob {
  const entries = new Entries(source, place, problems);
  const environment = environmentMap(source.environment ?? null, place.at("environment"), problems);
  return {
    ...decodeMachine(source, place, problems),
    resourceClass: entries.text("resource_class"),
    shell: entries.text("shell"),
    workingDirectory: entries.text("working_directory"),
    parallelism: entries.integer("parallelism", 1, Number.POSITIVE_INFINITY) ?? 1,
    environment: decodeEnvironment(environment, place.at("environment"), problems),
    steps: steps.map((step) => step.step),
  };
}

function decodeMachine(
  source: ValueMap,
  place: Place,
  problems: Problems,
): Pick<CompiledJob, "executor" | "image"> {
  if (Object.hasOwn(source, "docker")) {
    const images = expectList(source.docker, place.at("docker"), problems).map((item, index) => {
      const at = place.at("docker", index);
      const map = expectMap(item, at, problems);
      if (!checkKeys(map, dockerKeys, ["image"], at, problems)) return problems.abandon();
      return new Entries(map, at, problems).requiredText("image");
    });
    const [image] = images;
    if (image === undefined) return problems.fail(place.at("docker"), "minimum size: [1], found: [0]");
    return { executor: "docker", image };
  }
  if (Object.hasOwn(source, "machine")) {
    const machine = source.machine ?? null;
    if (isMap(machine)) {
      return {
        executor: "machine",
        image: new Entries(machine, place.at("machine"), problems).text("image"),
      };
    }
    if (machine === true || machine === "default") return { executor: "machine", image: null };
    return problems.fail(place.at("machine"), mismatch("Mapping", machine));
  }
  if (Object.hasOwn(source, "macos")) {
    const macos = expectMap(source.macos, place.at("macos"), problems);
    if (!checkKeys(macos, ["xcode", "code_signing"], ["xcode"], place.at("macos"), problems)) {
      return problems.abandon();
    }
    return { executor: "macos", image: textOf(macos.xcode ?? null) };
  }
  return problems.fail(
    place,
    'The job has no executor type specified. The job should have one of the following keys specified: "machine", "docker", "macos"',
  );
}
