import { realClock } from "../simulator/engine/clock.ts";
import { openSimulation, type Simulation } from "../simulator/open-simulation.ts";
import { type LoadedScenario, loadScenario } from "../simulator/scenario/load-scenario.ts";
import type { Scenario } from "../simulator/scenario/scenario.ts";
import { withInterrupt } from "./interrupt.ts";
import { makeJobRoot } from "./job-root.ts";
import { readArguments } from "./read-arguments.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export const help = `circleback simulate serve SCENARIO [options]

Answers as CircleCI's API v2 on 127.0.0.1 until it is interrupted, and runs what it is asked to.
The triggers of the scenario start at once.

  --port N   listens there (any free port)
  --out DIR  keeps the folders of the jobs, with their artifacts, in DIR

Exit code: 2 bad scenario or usage, 130 or 143 once interrupted.
`;

const options = { port: { type: "string", default: "0" }, out: { type: "string" } } as const;

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, file } = readArguments(args, options, { name: "simulate serve", file: "a scenario file" });
  const port = readPort(values.port);
  const loaded = loadScenario(file);
  const jobRoot = makeJobRoot(values.out);
  try {
    return await withInterrupt(async (signal) => {
      const simulation = await open(loaded, jobRoot.path, port);
      try {
        simulation.api.onRequest(({ method, path, status }) => {
          terminal.screen.write(`${method} ${path} ${status ?? "connection cut"}\n`);
        });
        terminal.screen.write(greeting(simulation.url, loaded.scenario));
        simulation.trigger();
        return await new Promise<never>((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
          if (signal.aborted) reject(signal.reason);
        });
      } finally {
        await simulation.close();
      }
    });
  } finally {
    jobRoot.remove();
  }
}

async function open(loaded: LoadedScenario, jobRoot: string, port: number): Promise<Simulation> {
  try {
    return await openSimulation(loaded, { clock: realClock, random: Math.random, jobRoot, port });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    throw new UsageError(
      `Port ${port} is in use by another program.`,
      "another number, or no --port for any free one",
    );
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(
    `--port must be a number from 0 to 65535, not ${JSON.stringify(text)}.`,
    "circleback simulate serve SCENARIO --port 8080",
  );
}

function greeting(url: string, { tokens, projects }: Scenario): string {
  const token = tokens[0]?.token ?? "TOKEN";
  const slug = projects[0]?.slug ?? "gh/organization/repository";
  return [
    `API v2 answers at ${url}/api/v2 until you press Ctrl-C.`,
    ...tokens.map(
      (owned) => `  token ${owned.token} belongs to ${owned.login} and sees ${owned.projects.join(", ")}`,
    ),
    ...(tokens.length === 0 ? ["  The scenario has no tokens, so every call will be refused."] : []),
    "Try:",
    `  curl -H 'Circle-Token: ${token}' ${url}/api/v2/me`,
    `  curl -H 'Circle-Token: ${token}' -X POST -H 'Content-Type: application/json' -d '{}' ${url}/api/v2/project/${slug}/pipeline`,
    "",
  ].join("\n");
}
