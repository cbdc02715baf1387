import { Api } from "../../src/simulator/api/api.ts";
import { identifyUser } from "../../src/simulator/api/users.ts";
import { Engine } from "../../src/simulator/engine/engine.ts";
import type { Pipeline, Project } from "../../src/simulator/engine/state.ts";
import { VirtualClock } from "../../src/simulator/engine/virtual-clock.ts";
import type { RequestReport } from "../../src/simulator/report/report.ts";
import { compilePlan, compileSweep } from "./compile-plan.ts";
import { type CommandRun, MachineRunner } from "./machine-runner.ts";
import { People } from "./people.ts";
import { planFaults } from "./plan-faults.ts";
import type { Program } from "./program.ts";
import { makeRandom } from "./random.ts";
import { firstProject, slugOf, type World } from "./world.ts";

export const bot = "release-bot";
export const token = "token-of-the-release-bot";
export const signingSecret = "secret-that-signs-tickets";
export const origin = Date.parse("2026-01-01T00:00:00Z");

export const sweeper = slugOf("ops");
/** Often enough for holds that wait for one another, and for faults that meet sweeps. */
const mostSweeps = 12;
const sweepInterval = 15 * 60 * 1000;

/** No world needs more: then something goes round in circles. */
const mostRequests = 30_000;
const longest = 12 * 60 * 60 * 1000;

/** What has happened in a world, for an oracle to judge. */
export interface Play {
  readonly world: World;
  readonly engine: Engine;
  readonly runner: MachineRunner;
  readonly commandRuns: readonly CommandRun[];
  readonly requests: readonly RequestReport[];
  readonly faultsFired: number;
  readonly eventsApplied: number;
  /** When nothing moved any more, before the last sweeps: milliseconds since the start. */
  readonly restedAt: number;
  /** Sentences about what may not be, noticed on the way. */
  readonly defects: readonly string[];
}

/** Plays a world to its end on a virtual clock: until nothing moves any more, and a sweep finds nothing more to do. */
export async function play(world: World, program: Program): Promise<Play> {
  const clock = new VirtualClock(origin);
  const defects: string[] = [];
  let requestCount = 0;
  const runner = new MachineRunner(program, {
    clock,
    api: () => api,
    random: makeRandom(world.seed, 1),
    readArtifact: (key) => runner.artifacts.get(key)?.text ?? null,
    onDefect: (sentence) => defects.push(sentence),
    countRequest: () => ++requestCount <= mostRequests,
  });
  const engine = makeEngine(world, clock, runner);
  const api = new Api({
    engine,
    tokens: [{ token, login: bot, projects: ["gh/acme/*"] }],
    faults: planFaults(world.faults),
  });
  for (const delay of world.starts) clock.after(delay, () => start(engine, slugOf(firstProject), "anna"));
  const sweep = () => start(engine, sweeper, bot);
  for (const delay of world.sweeps) clock.after(delay, sweep);
  const people = new People({ world, engine, runner, clock, sweep });
  await clock.runUntilIdle(origin + longest);
  const restedAt = clock.now() - origin;
  for (let round = 0; round < mostSweeps && engine.isAtRest(); round++) {
    await clock.advance(sweepInterval);
    const pipeline = sweep();
    await clock.runUntilIdle(clock.now() + longest);
    if (!hasDone(pipeline, api, runner)) break;
  }
  if (requestCount > mostRequests) defects.push(`More than ${mostRequests} requests were sent.`);
  return {
    world,
    engine,
    runner,
    commandRuns: runner.commandRuns,
    requests: api.requests,
    faultsFired: countFaults(world, api.faultsFired),
    eventsApplied: people.applied,
    restedAt,
    defects,
  };
}

function makeEngine(world: World, clock: VirtualClock, runner: MachineRunner): Engine {
  const plans = new Map(world.projects.map((plan) => [slugOf(plan.name), plan]));
  const signing = world.signed ? { CIRCLEBACK_SIGNING_SECRET: signingSecret } : {};
  return new Engine({
    clock,
    runner,
    compile: (input) => {
      if (input.source === sweeper) return compileSweep([...plans.keys()]);
      const plan = plans.get(String(input.values["project.slug"]));
      if (plan === undefined) throw new Error(`no plan for ${input.values["project.slug"]}`);
      return compilePlan(plan, input);
    },
    orbs: new Map(),
    projects: [...plans.keys(), sweeper].map(makeProject),
    contexts: [
      { name: "circleback", values: { CIRCLE_TOKEN: token, ...signing }, allow: [bot, "anna", "bert"] },
      { name: "vault", values: {}, allow: ["anna"] },
    ],
    readConfig: ({ slug }) => slug,
    random: makeRandom(world.seed, 0).next,
  });
}

function makeProject(slug: string): Project {
  return {
    slug,
    id: `id of ${slug}`,
    organizationId: "acme",
    branches: ["main", "develop"],
    environment: {},
  };
}

/** As a push does, or a schedule. */
function start(engine: Engine, slug: string, login: string): Pipeline {
  const project = engine.options.projects.find((each) => each.slug === slug);
  if (project === undefined) throw new Error(`no project ${slug}`);
  const request = { project, branch: null, tag: null, parameters: {}, actor: identifyUser(login) };
  return engine.trigger({ ...request, type: login === bot ? "scheduled_pipeline" : "webhook" });
}

/** The sweep of that pipeline has changed something, or was disturbed: another may find more. */
function hasDone({ workflows }: Pipeline, { requests }: Api, { commandRuns }: MachineRunner): boolean {
  const jobs = workflows.flatMap((workflow) => workflow.jobs.map(({ id }) => id));
  const isTidy = commandRuns.some(({ jobId, end }) => jobs.includes(jobId) && end?.exitCode === 0);
  const own = requests.filter(({ job }) => job !== null && jobs.includes(job));
  return !isTidy || own.some(({ method, fault }) => method === "POST" || fault !== null);
}

function countFaults(world: World, fired: readonly number[]): number {
  const real = planFaults(world.faults).flatMap(({ source }, place) =>
    source === null ? [] : [fired[place] ?? 0],
  );
  return real.reduce((sum, count) => sum + count, 0);
}
