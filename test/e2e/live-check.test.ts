import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { realClock } from "../../src/simulator/engine/clock.ts";
import { openSimulation, type Simulation } from "../../src/simulator/open-simulation.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { makeFolder } from "../support/folders.ts";
import { writeScenario } from "../support/simulator.ts";

/** The script that asks the live service, asking the simulator: there must be an answer to everything it can ask. */

const program = fileURLToPath(new URL("../../scripts/live-check", import.meta.url));
const token = "token-that-nobody-may-see";

const running = new Set<ChildProcess>();
const simulations: Simulation[] = [];
afterAll(async () => {
  for (const child of running) child.kill("SIGKILL");
  for (const simulation of simulations) await simulation.close();
});

function start(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { PATH = "" } = process.env;
  const child = spawn(program, args, { env: { PATH, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = once(child, "close").then(() => running.delete(child));
  const result = Promise.all([text(child.stdout), text(child.stderr), ended]).then(([out, error]) => ({
    exitCode: child.exitCode,
    out,
    error,
  }));
  return { child, result };
}

const run = async (...args: Parameters<typeof start>) => start(...args).result;

async function openProjects(): Promise<Simulation> {
  const { out } = await run(["--print-configs"], {});
  const [parent = "", child = ""] = out.split(/^(?=# For scripts)/m);
  const scenario = `tokens: { ${token}: { login: release-bot, projects: ["gh/acme/*"] } }`;
  const file = writeScenario({ "gh/acme/parent": parent, "gh/acme/child": child }, scenario);
  const options = { clock: realClock, random: Math.random, jobRoot: makeFolder(), port: 0 };
  const simulation = await openSimulation(loadScenario(file), options);
  simulations.push(simulation);
  return simulation;
}

function openWorkflows({ engine }: Simulation): readonly string[] {
  const workflows = engine.pipelines.flatMap((pipeline) => pipeline.workflows);
  return workflows.filter(({ stoppedAt }) => stoppedAt === null).map(({ name }) => name);
}

const projects = ["gh/acme/parent", "gh/acme/child"];

describe.concurrent("live-check", () => {
  test("prints each question with an answer, never the token, and leaves nothing open", async () => {
    const simulation = await openProjects();
    const { out, error, exitCode } = await run([...projects, "--host", simulation.url], {
      CIRCLE_TOKEN: token,
    });
    const questions = out.split(/^\d+\. /m).slice(1);
    const unanswered = questions.filter((each) => !/\n {3}\S/.test(each) || each.includes("NO ANSWER"));
    expect([exitCode, error, unanswered, questions.length]).toEqual([0, "", [], 24]);
    expect([openWorkflows(simulation), simulation.engine.isAtRest()]).toEqual([[], true]);
    expect(out).toContain("Nothing is left open.");
    expect(out).toContain("trigger.actor.login is the login of /me");
    expect(out).not.toContain(token);
  });

  test("leaves nothing open where it is interrupted", async () => {
    const simulation = await openProjects();
    const { child, result } = start([...projects, "--host", simulation.url], { CIRCLE_TOKEN: token });
    const isAsking = new Promise<void>((resolve) => {
      simulation.engine.onChange(() => {
        if (openWorkflows(simulation).length === 4) resolve();
      });
    });
    await isAsking;
    child.kill("SIGINT");
    const { out, exitCode } = await result;
    expect([exitCode, openWorkflows(simulation)]).toEqual([1, []]);
    expect(out).toContain("SIGINT: cleaning up …\n\nNothing is left open.");
  });

  test("says how it is used where it lacks a project or the token", async () => {
    const without = await run(projects, {});
    const lacking = await run(["gh/acme/parent"], { CIRCLE_TOKEN: token });
    expect([without, lacking].map(({ exitCode, error }) => [exitCode, error.split("\n")[0]])).toEqual([
      [2, "CIRCLE_TOKEN is not set."],
      [2, "It takes two projects."],
    ]);
  });
});
