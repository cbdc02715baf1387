import { assembleConfig } from "./assemble.ts";
import { checkShapes } from "./check-shapes.ts";
import type { CompiledConfig, CompileInput, CompileResult, ParameterValue } from "./compiled-config.ts";
import { scopeOf } from "./interpolate.ts";
import { type Library, type PipelineScope, readSections } from "./library.ts";
import { loadOrbs } from "./orbs.ts";
import { bindArguments, pipelineTypes, readDeclarations, scalarBinder } from "./parameters.ts";
import { parseSource } from "./parse-source.ts";
import { Place, Problems } from "./problems.ts";
import { expectMap, mismatch } from "./shape.ts";
import { entryOf, type Value, type ValueMap } from "./value.ts";
import { type ExpandedWorkflow, expandWorkflows } from "./workflows.ts";

/** Compiles a configuration for one pipeline, as CircleCI does before anything runs. Finds as many problems as it can. */
export function compile(input: CompileInput): CompileResult {
  const problems = new Problems();
  const result = problems.attempt(() => compileSource(input, problems));
  if (result === undefined || problems.errors.length > 0) return { ok: false, errors: problems.errors };
  return { ok: true, ...result };
}

interface Compiled {
  readonly config: CompiledConfig;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

function compileSource(input: CompileInput, problems: Problems): Compiled {
  const root = new Place();
  const parsed = parseSource(input.source);
  if (!parsed.ok) return problems.fail(root, parsed.message);
  const body = expectMap(parsed.value, root, problems);
  const templated = isVersion21(body, problems);
  if (Object.hasOwn(body, "job-groups")) {
    problems.report(root.at("job-groups"), "Job groups are not modelled by the simulator");
  }
  const parameters = pipelineParameters(body, input, problems);
  const library = rootLibrary(body, input, { values: input.values, parameters }, templated, problems);
  const section = workflowSection(body, library, templated, problems);
  const workflows = expandWorkflows(section, library, root.at("workflows"), problems);
  const setup = isSetup(body, templated, problems);
  if (problems.errors.length > 0) return problems.abandon();
  if (setup) checkSetup(workflows, problems);
  return { config: assembleConfig(workflows, setup, problems), parameters };
}

function isVersion21(body: ValueMap, problems: Problems): boolean {
  const version = String(entryOf(body, "version") ?? "");
  if (version === "2.1") return true;
  const place = new Place(["version"]);
  if (version !== "2" && version !== "2.0") {
    return problems.fail(place, "Unsupported or missing workflows config version");
  }
  for (const key of ["orbs", "commands", "executors", "parameters", "setup"]) {
    if (Object.hasOwn(body, key)) problems.report(new Place([key]), `'${key}' requires version: 2.1`);
  }
  return false;
}

function pipelineParameters(
  body: ValueMap,
  input: CompileInput,
  problems: Problems,
): Readonly<Record<string, ParameterValue>> {
  const place = new Place(["parameters"]);
  const declarations = readDeclarations(entryOf(body, "parameters"), place, problems, pipelineTypes);
  const bound = bindArguments(
    declarations,
    {
      given: input.parameters,
      place,
      binder: scalarBinder(problems),
      defaultPlace: place,
      defaultBinder: scalarBinder(problems),
      expand: (value) => value,
    },
    problems,
  );
  return Object.fromEntries(
    Object.entries(bound).filter((entry): entry is [string, ParameterValue] => isScalar(entry[1])),
  );
}

function isScalar(value: Value): value is ParameterValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function rootLibrary(
  body: ValueMap,
  input: CompileInput,
  pipeline: PipelineScope,
  templated: boolean,
  problems: Problems,
): Library {
  const library: Library = {
    path: [],
    ...readSections(body, new Place(), problems),
    orbs: new Map(),
    pipeline,
    templated,
  };
  checkShapes(library, problems);
  const sources = { registry: input.orbs, pipeline, problems };
  const before = problems.reported;
  const orbs = loadOrbs(entryOf(body, "orbs"), scopeOf(library), new Place(["orbs"]), sources);
  // Without its orbs, every use of their elements would look like a mistake too.
  if (problems.reported > before) return problems.abandon();
  return { ...library, orbs };
}

/** Without `workflows:`, the job `build` is the whole workflow. */
function workflowSection(body: ValueMap, library: Library, templated: boolean, problems: Problems): ValueMap {
  const place = new Place(["workflows"]);
  const section = entryOf(body, "workflows") ?? null;
  if (section !== null) {
    const map = expectMap(section, place, problems);
    if (!templated && String(entryOf(map, "version") ?? "") !== "2") {
      problems.fail(place.at("version"), "Unsupported or missing workflows config version");
    }
    return map;
  }
  if (Object.hasOwn(library.jobs, "build")) return { workflow: { jobs: ["build"] } };
  return problems.fail(
    place,
    "Cannot find a job named `build` to run in the `jobs:` section of your configuration file.\nIf you expected a workflow to run, check your config contains a top-level key called 'workflows:'",
  );
}

function isSetup(body: ValueMap, templated: boolean, problems: Problems): boolean {
  const setup = entryOf(body, "setup") ?? false;
  if (typeof setup === "boolean") return setup && templated;
  return problems.fail(new Place(["setup"]), mismatch("Boolean", setup));
}

function checkSetup(workflows: readonly ExpandedWorkflow[], problems: Problems): void {
  if (workflows.length === 1) return;
  const message =
    workflows.length > 1
      ? "Max number of workflows exceeded."
      : "A setup configuration must run one workflow.";
  problems.fail(new Place(["workflows"]), message);
}
