import { compile } from "../../../src/simulator/compiler/compile.ts";
import type {
  CompiledConfig,
  CompiledStep,
  CompileInput,
  CompileResult,
} from "../../../src/simulator/compiler/compiled-config.ts";

export interface World {
  readonly orbs?: Readonly<Record<string, string>>;
  readonly parameters?: CompileInput["parameters"];
  readonly values?: CompileInput["values"];
}

export function compileText(source: string, world: World = {}): CompileResult {
  return compile({
    source,
    orbs: new Map(Object.entries(world.orbs ?? {})),
    parameters: world.parameters ?? {},
    values: world.values ?? { "git.branch": "main", number: 7 },
  });
}

/** The configuration, or a failing test that shows what was wrong with it. */
export function compiled(source: string, world: World = {}): CompiledConfig {
  const result = compileText(source, world);
  if (!result.ok) throw new Error(result.errors.map((error) => `${error.path}: ${error.message}`).join("\n"));
  return result.config;
}

/** `path: message` of every problem, the message without the calls that led there. */
export function problemsIn(source: string, world: World = {}): readonly string[] {
  const result = compileText(source, world);
  if (result.ok) return [];
  return result.errors.map(({ path, message }) => {
    const lines = message.split("\n").filter((line) => !line.startsWith("Error calling "));
    return `${path}: ${lines.join("\n")}`;
  });
}

/** A configuration whose only job has these steps. */
export function withSteps(steps: string, rest = ""): string {
  const body = steps.replaceAll(/^/gm, "      ");
  return `version: 2.1\n${rest}\njobs:\n  build:\n    docker: [{ image: cimg/base:1 }]\n    steps:\n${body}\n`;
}

/** The steps of the job `build`. */
export function stepsOf(source: string, world: World = {}): readonly CompiledStep[] {
  return compiled(source, world).jobs.build?.steps ?? [];
}

/** The commands of the run steps of a job. */
export function commandsOf(source: string, world: World = {}, job = "build"): readonly string[] {
  const steps = compiled(source, world).jobs[job]?.steps ?? [];
  return steps.flatMap((step) => (step.kind === "run" ? [step.command] : []));
}

/** The workflow jobs of one workflow, each with the names that it requires. */
export function graphOf(source: string, world: World = {}): Readonly<Record<string, readonly string[]>> {
  const [workflow] = compiled(source, world).workflows;
  return Object.fromEntries(
    (workflow?.jobs ?? []).map((job) => [job.name, job.requires.map((required) => required.job)]),
  );
}
