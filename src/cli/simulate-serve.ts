import { realClock } from "../simulator/engine/clock.ts";
import { openSimulation, type Simulation } from "../simulator/open-simulation.ts";
import { type LoadedScenario, loadScenario } from "../simulator/scenario/load-scenario.ts";
import type { Scenario } from "../simulator/scenario/scenario.ts";
import { withInterrupt } from "./interrupt.ts";
import { makeJobRoot } from "./job-root.ts";
import { readOptionalFile } from "./read-arguments.ts";
import { readOrbs } from "./read-orbs.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export const help = `circleback simulate serve [SCENARIO] [options]

Answers as CircleCI's API v2 on 127.0.0.1 until it is interrupted, and runs what it is asked to.
The triggers of the scenario start at once. Without a scenario there are no projects and no tokens, and
CircleCI's own program can still validate configurations and orbs: circleci config validate --host URL

  --orb NAME=FILE  a packed orb by its reference, as in --orb acme/tools@1=dist/orb.yml; may be repeated
  --port N         listens there (any free port)
  --out DIR        keeps the folders of the jobs, with their artifacts, in DIR

Exit code: 2 bad scenario or usage, 130 or 143 once interrupted.
`;

const options = {
  orb: { type: "string", multiple: true, default: [] as string[] },
  port: { type: "string", default: "0" },
  out: { type: "string" },
} as const;

const emptyScenario: Scenario = {
  file: "",
  orbs: new Map(),
  projects: [],
  tokens: [],
  contexts: [],
  triggers: [],
  faults: [],
  events: [],
};

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, file } = readOptionalFile(args, options, { name: "simulate serve" });
  const port = readPort(values.port);
  const { scenario, orbs } =
    file === undefined ? { scenario: emptyScenario, orbs: new Map<string, string>() } : loadScenario(file);
  const loaded = { scenario, orbs: new Map([...orbs, ...readOrbs(values.orb)]) };
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
  return [
    `API v2 answers at ${url}/api/v2 until you press Ctrl-C.`,
    ...tokens.map(
      (owned) => `  token ${owned.token} belongs to ${owned.login} and sees ${owned.projects.join(", ")}`,
    ),
    ...(tokens.length > 0 ? [] : ["  There are no tokens, so every call but those to validate is refused."]),
    "Try:",
    ...calls(url, tokens[0]?.token, projects[0]?.slug),
    `  circleci config validate --host ${url} .circleci/config.yml`,
    "",
  ].join("\n");
}

function calls(url: string, token: string | undefined, slug: string | undefined): readonly string[] {
  if (token === undefined || slug === undefined) return [];
  return [
    `  curl -H 'Circle-Token: ${token}' ${url}/api/v2/me`,
    `  curl -H 'Circle-Token: ${token}' -X POST -H 'Content-Type: application/json' -d '{}' ${url}/api/v2/project/${slug}/pipeline`,
  ];
}
