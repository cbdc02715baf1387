import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type DockerEngine, startDockerEngine } from "./docker-engine.ts";
import { type EcrModel, startEcrModel } from "./ecr-model/ecr-model.ts";
import { startMoto } from "./moto.ts";
import { startRegistry } from "./registry.ts";

const root = join(import.meta.dirname, "../..");

export interface Part {
  stop(): Promise<void>;
}

/** What examples with images need beside the simulator. */
export interface ImageParts extends Part {
  readonly engine: DockerEngine;
  readonly model: EcrModel;
}

/** An engine to build with, ECR and STS. */
export async function startImageParts(): Promise<ImageParts> {
  const [engine, registry, moto] = await Promise.all([startDockerEngine(), startRegistry(), startMoto()]);
  const model = await startEcrModel({ registry, moto });
  return { engine, model, stop: () => stopAll([model, engine, registry, moto]) };
}

/** Stops them side by side; rejects with the first that could not be, when all have been tried. */
export async function stopAll(parts: readonly Part[]): Promise<void> {
  const failed = (await Promise.allSettled(parts.map((part) => part.stop()))).find(
    (result) => result.status === "rejected",
  );
  if (failed !== undefined) throw failed.reason;
}

type Variables = Readonly<Record<string, string>>;

interface ScenarioText {
  readonly orbs: Variables;
  readonly projects: Readonly<Record<string, { readonly path: string; readonly environment: Variables }>>;
  readonly contexts: Readonly<Record<string, Variables>>;
}

export interface FilledScenario extends Part {
  /** The file. */
  readonly scenario: string;
}

/** Writes an example's scenario elsewhere: with absolute paths, and more variables in its projects and contexts. */
export function fillScenario(
  name: string,
  { environment, contexts }: { readonly environment: Variables; readonly contexts: ScenarioText["contexts"] },
): FilledScenario {
  const example = join(root, "examples", name);
  const text = parse(readFileSync(join(example, "scenario.yml"), "utf8")) as ScenarioText;
  const orbs = Object.entries(text.orbs).map(([reference, file]) => [reference, join(example, file)]);
  const projects = Object.entries(text.projects).map(([slug, project]) => [
    slug,
    {
      ...project,
      path: join(example, project.path),
      environment: { ...project.environment, ...environment },
    },
  ]);
  const filled = Object.entries(text.contexts).map(([context, values]) => [
    context,
    { ...values, ...contexts[context] },
  ]);
  const folder = mkdtempSync(join(tmpdir(), `circleback-${name}-`));
  const scenario = join(folder, "scenario.yml");
  const [allOrbs, allProjects, allContexts] = [orbs, projects, filled].map((list) =>
    Object.fromEntries(list),
  );
  writeFileSync(
    scenario,
    stringify({ ...text, orbs: allOrbs, projects: allProjects, contexts: allContexts }),
  );
  return {
    scenario,
    async stop() {
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Runs an opened example as a user does, with the built program, in sight, looks at what came of it, and stops its
 * parts; answers the exit code.
 */
export async function runExample<Opened extends FilledScenario>(
  example: Opened,
  options: readonly string[],
  look: (example: Opened) => Promise<void> = async () => {},
): Promise<number | null> {
  let isInterrupted = false;
  try {
    const exitCode = await runInSight(example.scenario, options);
    isInterrupted = exitCode === null || exitCode > 128;
    if (!isInterrupted) await look(example);
    return exitCode;
  } finally {
    await example.stop().catch((error) => {
      // An interrupt has reached the parts as well: they complain of one another.
      if (!isInterrupted) throw error;
    });
  }
}

/** An interrupt ends the program and not this process, which has servers to stop. */
async function runInSight(scenario: string, options: readonly string[]): Promise<number | null> {
  const args = ["dist/circleback.js", "simulate", "run", scenario, ...options];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM"] as const;
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
}
