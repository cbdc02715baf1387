import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type DockerEngine, startDockerEngine } from "./docker-engine.ts";
import { type EcrModel, startEcrModel } from "./ecr-model/ecr-model.ts";
import { startMoto } from "./moto.ts";
import { startRegistry } from "./registry.ts";
import { outline } from "./slack-model/outline.ts";
import { botToken } from "./slack-model/slack-model.ts";
import { type SlackServer, startSlack } from "./slack-model/slack-server.ts";

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

interface Filling {
  readonly environment?: Variables;
  readonly contexts: ScenarioText["contexts"];
  /** Changes the configurations, which are copied then. */
  readonly edit?: (config: string) => string;
}

/** Writes an example's scenario elsewhere: with absolute paths, and more variables in its projects and contexts. */
export function fillScenario(name: string, { environment, contexts, edit }: Filling): FilledScenario {
  const example = join(root, "examples", name);
  const folder = mkdtempSync(join(tmpdir(), `circleback-${name}-`));
  const copy = (path: string) => {
    if (edit === undefined) return join(example, path);
    cpSync(join(example, path), join(folder, path), { recursive: true });
    const config = join(folder, path, ".circleci/config.yml");
    writeFileSync(config, edit(readFileSync(config, "utf8")));
    return join(folder, path);
  };
  const text = parse(readFileSync(join(example, "scenario.yml"), "utf8")) as ScenarioText;
  const orbs = Object.entries(text.orbs).map(([reference, file]) => [reference, join(example, file)]);
  const projects = Object.entries(text.projects).map(([slug, project]) => [
    slug,
    {
      ...project,
      path: copy(project.path),
      environment: { ...project.environment, ...environment },
    },
  ]);
  const filled = Object.entries(text.contexts).map(([context, values]) => [
    context,
    { ...values, ...contexts[context] },
  ]);
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

export interface SlackExample extends FilledScenario {
  readonly slack: SlackServer;
}

/** Fills in where Slack is as well, which a configuration for the real one does not say. */
export async function fillScenarioWithSlack(
  name: string,
  contexts: Filling["contexts"],
): Promise<SlackExample> {
  const slack = await startSlack({ channels: { deliveries: {} } });
  const filled = fillScenario(name, {
    contexts: { ...contexts, slack: { SLACK_ACCESS_TOKEN: botToken } },
    edit: (config) => config.replace(/(slack-notify:.*\n)( +)/g, `$1$2slack-host: ${slack.url}\n$2`),
  });
  return { slack, scenario: filled.scenario, stop: () => stopAll([slack, filled]) };
}

/** Says what is in the channels by now, answers below their messages. */
export async function showMessages({ slack }: SlackExample): Promise<void> {
  const threads = slack.messages.filter(({ thread }) => thread === null);
  for (const first of threads) {
    const answers = slack.messages.filter(({ thread }) => thread === first.ts);
    process.stdout.write(`#${first.channel}: ${outline(first).join(" | ")}\n`);
    for (const answer of answers) process.stdout.write(`  in its thread: ${outline(answer).join(" | ")}\n`);
  }
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
