import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { loadDefinitions } from "../../scripts/definitions.ts";
import { packOrb } from "../../scripts/pack.ts";
import { partVariable } from "../../src/orb/part.ts";
import { Api } from "../../src/simulator/api/api.ts";
import { identifyUser } from "../../src/simulator/api/users.ts";
import { compile } from "../../src/simulator/compiler/compile.ts";
import type {
  CompiledConfig,
  CompiledStep,
  CompileInput,
  CompileResult,
} from "../../src/simulator/compiler/compiled-config.ts";
import { Engine } from "../../src/simulator/engine/engine.ts";
import { VirtualClock } from "../../src/simulator/engine/virtual-clock.ts";
import { buildReport } from "../../src/simulator/report/build-report.ts";
import type { JobReport, Report } from "../../src/simulator/report/report.ts";
import { parseScenario } from "../../src/simulator/scenario/parse-scenario.ts";
import { playEvents } from "../../src/simulator/scenario/play-events.ts";
import { MachineRunner } from "../campaign/machine-runner.ts";
import { program } from "../campaign/program.ts";
import { makeRandom } from "../campaign/random.ts";
import { makeFolder } from "./folders.ts";

/**
 * The orb's own commands, jobs and steps in the simulator, on a clock that jumps and with the handlers in this
 * process: hours in milliseconds. What the users' own steps do is `run: work <milliseconds> <end>,<end of the
 * next run>…`.
 */

const token = "token-of-the-release-bot";

const usual = {
  tokens: { [token]: { login: "release-bot", projects: ["gh/acme/*"] } },
  contexts: { circleback: { CIRCLE_TOKEN: token } },
  trigger: [{ project: "gh/acme/app" }],
};

let orb: Promise<string> | null = null;

/** Runs projects, whose configurations use the orb as `acme/circleback@1`, until nothing moves any more. */
export async function playLoop(
  projects: Readonly<Record<string, string>>,
  scenario = "",
): Promise<Report & { readonly artifacts: ReadonlyMap<string, string> }> {
  orb ??= packWithoutPrograms();
  const text = await orb;
  const given = parse(scenario) ?? {};
  const paths = Object.fromEntries(
    Object.keys(projects).map((slug) => [slug, { path: slug, ...given.projects?.[slug] }]),
  );
  const {
    tokens,
    faults,
    contexts,
    events,
    triggers,
    projects: declared,
  } = parseScenario(stringify({ ...usual, ...given, projects: paths }), { file: "scenario.yml" });

  const clock = new VirtualClock(Date.parse("2026-01-01T00:00:00Z"));
  const start = clock.now();
  const defects: string[] = [];
  let requestCount = 0;
  const runner = new MachineRunner(program, {
    clock,
    api: () => api,
    random: makeRandom(1, 1),
    readArtifact: (key) => runner.artifacts.get(key)?.text ?? null,
    onDefect: (sentence) => defects.push(sentence),
    countRequest: () => ++requestCount < 5_000,
  });
  const known = declared.map(({ slug, branches, environment }) => ({
    slug,
    id: `id of ${slug}`,
    organizationId: "acme",
    branches,
    environment,
  }));
  const engine = new Engine({
    clock,
    runner,
    compile: (input) => compileForRunner({ ...input, orbs: new Map([["acme/circleback@1", text]]) }),
    orbs: new Map(),
    projects: known,
    contexts,
    readConfig: ({ slug }) => projects[slug] ?? null,
    random: makeRandom(1, 0).next,
  });
  const api = new Api({ engine, tokens, faults });
  const findProject = (slug: string) => {
    const project = known.find((each) => each.slug === slug);
    if (project === undefined) throw new Error(`There is no project ${slug}.`);
    return project;
  };
  const player = playEvents({
    events,
    engine,
    clock,
    findProject,
    findUser: identifyUser,
    onAction: () => {},
  });
  const [first = null] = triggers.map(({ project, branch, tag, parameters, as }) =>
    engine.trigger({
      project: findProject(project),
      branch,
      tag,
      parameters,
      actor: identifyUser(as),
      type: "api",
    }),
  );
  await clock.runUntilIdle(start + 24 * 60 * 60 * 1000);
  player.stop();

  const report = buildReport({
    pipelines: engine.pipelines,
    first,
    requests: api.requests,
    unused: {
      faults: faults.filter((_, index) => api.faultsFired[index] === 0).map(({ source }) => source),
      events: player.unused().map(({ event }) => event.source),
    },
    startedAt: start,
    stoppedAt: clock.now(),
    timedOut: !engine.isAtRest(),
  });
  const leaks = runner.commandRuns.filter(({ output }) => output.includes(token));
  if (leaks.length > 0 || api.leaks.length > 0) defects.push("The token leaked.");
  if (defects.length > 0) throw new Error(defects.join("\n"));
  const artifacts = new Map([...runner.artifacts].map(([key, artifact]) => [key, artifact.text]));
  const titles = await readTitles();
  return { ...withSteps(report, runner, titles), artifacts };
}

/** What the runner keeps of the orb's steps, in the place where a report has them. */
function withSteps(report: Report, runner: MachineRunner, titles: ReadonlyMap<string, string>): Report {
  const stepsOf = (job: JobReport): JobReport["steps"] =>
    runner.commandRuns
      .filter(({ jobId }) => jobId === job.id)
      .map(({ command, end, output }) => ({
        name: titles.get(command) ?? command,
        status: end?.exitCode === 0 ? "success" : "failed",
        exit_code: end?.exitCode ?? null,
        output,
      }));
  const pipelines = report.pipelines.map((pipeline) => ({
    ...pipeline,
    workflows: pipeline.workflows.map((workflow) => ({
      ...workflow,
      jobs: workflow.jobs.map((job) => ({ ...job, steps: stepsOf(job) })),
    })),
  }));
  return { ...report, pipelines };
}

async function readTitles(): Promise<ReadonlyMap<string, string>> {
  return new Map((await loadDefinitions()).map(({ name, title }) => [name, title]));
}

/** The orb with the name of each command in the place of its program. */
async function packWithoutPrograms(): Promise<string> {
  const folder = makeFolder();
  cpSync(fileURLToPath(new URL("../../orb", import.meta.url)), folder, { recursive: true });
  mkdirSync(join(folder, "scripts"), { recursive: true });
  for (const { name } of await loadDefinitions()) writeFileSync(join(folder, "scripts", `${name}.cjs`), name);
  return packOrb(folder);
}

/** The runner knows a step of the orb by the words `circleback <command>`. */
function compileForRunner(input: CompileInput): CompileResult {
  const result = compile(input);
  return result.ok ? { ...result, config: nameCommands(result.config) } : result;
}

function nameCommands(config: CompiledConfig): CompiledConfig {
  let command = "";
  const name = (step: CompiledStep): CompiledStep => {
    if (step.kind !== "run") return step;
    const { CIRCLEBACK_PROGRAM: program, [partVariable]: part } = step.environment;
    command = program ?? command;
    return program === undefined && part !== "second" ? step : { ...step, command: `circleback ${command}` };
  };
  const jobs = Object.entries(config.jobs).map(
    ([key, job]) => [key, { ...job, steps: job.steps.map(name) }] as const,
  );
  return { ...config, jobs: Object.fromEntries(jobs) };
}
