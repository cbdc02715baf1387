import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type EcsServer, startEcsServer } from "./ecs-model/ecs-server.ts";

const root = join(import.meta.dirname, "../..");
const example = join(root, "examples/ecs");

export interface EcsExample {
  readonly server: EcsServer;
  /** The example's scenario, with absolute paths and with the address of the server. */
  readonly scenario: string;
  stop(): Promise<void>;
}

/** Starts the server that examples/ecs needs, with a service that runs an older image. */
export async function openEcsExample(orb = join(root, "dist/orb.yml")): Promise<EcsExample> {
  const server = await startEcsServer({
    services: { shop: { start: 1_000, drain: 60_000 } },
    definitions: [
      {
        family: "shop",
        containerDefinitions: [
          {
            name: "web",
            image: `123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme/shop@sha256:${"a".repeat(64)}`,
            environment: [{ name: "DATABASE_PASSWORD", value: "hunter2" }],
          },
        ],
      },
    ],
    taskDuration: 1_000,
  });
  const folder = mkdtempSync(join(tmpdir(), "circleback-ecs-"));
  const scenario = join(folder, "scenario.yml");
  const written = parse(readFileSync(join(example, "scenario.yml"), "utf8"));
  const filled = {
    ...written,
    orbs: { "acme/circleback@1": orb },
    projects: { "gh/acme/shop": { path: join(example, "app") } },
    contexts: { aws: { ...written.contexts.aws, AWS_ENDPOINT_URL: server.url } },
  };
  writeFileSync(scenario, stringify(filled));
  return {
    server,
    scenario,
    async stop() {
      rmSync(folder, { recursive: true });
      await server.stop();
    },
  };
}

/** Runs the example as its README says, with the built program, in sight; answers its exit code. */
export async function runEcsExample(options: readonly string[]): Promise<number | null> {
  const { scenario, stop } = await openEcsExample();
  try {
    const args = ["dist/circleback.js", "simulate", "run", scenario, ...options];
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
    return await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
  } finally {
    await stop();
  }
}
