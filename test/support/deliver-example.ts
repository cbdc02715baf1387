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
const example = join(root, "examples/deliver");

export interface Delivery {
  readonly engine: DockerEngine;
  readonly model: EcrModel;
  /** The example's scenario, with absolute paths and with the addresses of these servers. */
  readonly scenario: string;
  stop(): Promise<void>;
}

/** Starts all servers that examples/deliver needs. */
export async function openDelivery(): Promise<Delivery> {
  const [engine, registry, moto] = await Promise.all([startDockerEngine(), startRegistry(), startMoto()]);
  const model = await startEcrModel({ registry, moto });
  const folder = mkdtempSync(join(tmpdir(), "circleback-deliver-"));
  const scenario = join(folder, "scenario.yml");
  const text = readFileSync(join(example, "scenario.yml"), "utf8");
  writeFileSync(scenario, stringify(fillIn(parse(text), { engine, model })));
  return {
    engine,
    model,
    scenario,
    async stop() {
      rmSync(folder, { recursive: true });
      const stopping = [model, engine, registry, moto].map((part) => part.stop());
      const failed = (await Promise.allSettled(stopping)).find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}

/** Runs the example as its README says, with the built program, in sight; answers its exit code. */
export async function runDeliver(options: readonly string[]): Promise<number | null> {
  const delivery = await openDelivery();
  try {
    const args = ["dist/circleback.js", "simulate", "run", delivery.scenario, ...options];
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
  } finally {
    await delivery.stop();
  }
}

type Mapping = Readonly<Record<string, unknown>>;
interface ScenarioText {
  readonly orbs: Readonly<Record<string, string>>;
  readonly projects: Readonly<Record<string, { readonly path: string; readonly environment: Mapping }>>;
  readonly contexts: { readonly aws: Mapping };
}

function fillIn(
  scenario: ScenarioText,
  { engine, model }: { readonly engine: DockerEngine; readonly model: EcrModel },
): unknown {
  const orbs = Object.entries(scenario.orbs).map(([name, file]) => [name, join(example, file)]);
  const projects = Object.entries(scenario.projects).map(([slug, { path, environment, ...more }]) => [
    slug,
    { ...more, path: join(example, path), environment: { ...environment, DOCKER_HOST: engine.host } },
  ]);
  return {
    ...scenario,
    orbs: Object.fromEntries(orbs),
    projects: Object.fromEntries(projects),
    contexts: { ...scenario.contexts, aws: { ...scenario.contexts.aws, AWS_ENDPOINT_URL: model.url } },
  };
}
