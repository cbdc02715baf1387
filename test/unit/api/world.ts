import { Api } from "../../../src/simulator/api/api.ts";
import type { ApiEngine } from "../../../src/simulator/api/call.ts";
import { identifyUser } from "../../../src/simulator/api/users.ts";
import type { CompiledConfig, CompiledWorkflowJob } from "../../../src/simulator/compiler/compiled-config.ts";
import type { TriggerRequest } from "../../../src/simulator/engine/engine.ts";
import type { Context, Job, Pipeline, Project, User, Workflow } from "../../../src/simulator/engine/state.ts";
import { VirtualClock } from "../../../src/simulator/engine/virtual-clock.ts";
import type { Fault, FaultEffect, ScenarioToken } from "../../../src/simulator/scenario/scenario.ts";

/** States made by hand, so that every value in an answer can be told beforehand. */

export const NOON = Date.parse("2026-01-02T12:00:00.000Z");

export const bot: User = identifyUser("release-bot");

export const app: Project = {
  slug: "gh/acme/app",
  id: "a0000000-0000-4000-8000-000000000001",
  organizationId: "c0000000-0000-4000-8000-000000000001",
  branches: ["main", "develop"],
  environment: {},
};

export const secret: Project = {
  ...app,
  slug: "gh/other/secret",
  id: "a0000000-0000-4000-8000-000000000002",
};

export const standalone: Project = {
  ...app,
  slug: "circleci/43G3kM5RtfFE7v5sa4nWAU/44n9pujWcTnVZ2b5S8Fnat",
  id: "a0000000-0000-4000-8000-000000000003",
};

export const tokens: readonly ScenarioToken[] = [
  { token: "good", login: "release-bot", projects: ["gh/acme/*", "circleci/*/*"] },
];

export function uuid(number: number): string {
  return `b0000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export function makePipeline(number: number, changes: Partial<Pipeline> = {}): Pipeline {
  return {
    id: uuid(number),
    number,
    project: app,
    state: "created",
    errors: [],
    parameters: {},
    values: {},
    trigger: { type: "api", actor: bot, receivedAt: NOON },
    branch: "main",
    tag: null,
    revision: "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4",
    createdAt: NOON,
    updatedAt: NOON + 1000,
    source: "version: 2.1",
    compiled: null,
    setupSource: null,
    compiledSetup: null,
    continuationKey: null,
    workflows: [],
    ...changes,
  };
}

export function addWorkflow(pipeline: Pipeline, number: number, changes: Partial<Workflow> = {}): Workflow {
  const workflow: Workflow = {
    id: uuid(number),
    name: "build",
    pipeline,
    tag: null,
    status: "running",
    startedBy: bot,
    canceledBy: null,
    createdAt: NOON + 1000,
    stoppedAt: null,
    autoRerunNumber: 0,
    maxAutoReruns: 0,
    rerunOf: null,
    workspaceId: uuid(number),
    jobs: [],
    ...changes,
  };
  pipeline.workflows.push(workflow);
  return workflow;
}

export function addJob(
  workflow: Workflow,
  number: number,
  name: string,
  changes: Partial<Job> = {},
  definition: Partial<CompiledWorkflowJob> = {},
): Job {
  const job: Job = {
    id: uuid(number),
    name,
    workflow,
    definition: {
      name,
      type: "build",
      job: name,
      requires: [],
      contexts: [],
      serialGroup: null,
      ...definition,
    },
    status: "blocked",
    number: null,
    startedAt: null,
    stoppedAt: null,
    approvedBy: null,
    actor: bot,
    steps: [],
    artifacts: [],
    ...changes,
  };
  workflow.jobs.push(job);
  return job;
}

export function compiledWith(name: string): CompiledConfig {
  return {
    setup: false,
    workflows: [],
    yaml: "version: 2",
    jobs: {
      [name]: {
        executor: "docker",
        image: "cimg/base:current",
        resourceClass: "small",
        shell: null,
        workingDirectory: null,
        parallelism: 2,
        environment: {},
        steps: [],
      },
    },
  };
}

/** What the API asked of the engine, in order. */
type Deed =
  | { readonly did: "trigger"; readonly request: TriggerRequest }
  | { readonly did: "continue"; readonly key: string; readonly source: string; readonly parameters: object }
  | { readonly did: "approve" | "cancel-job" | "cancel-workflow"; readonly id: string; readonly by: string }
  | { readonly did: "rerun"; readonly id: string; readonly what: unknown; readonly by: string };

export interface World {
  readonly clock: VirtualClock;
  readonly pipelines: Pipeline[];
  readonly deeds: Deed[];
  readonly engine: ApiEngine;
  /** What `stateAt` answers, and the times it was asked for. */
  readonly past: { pipelines: readonly Pipeline[]; readonly asked: number[] };
  /** Thrown by every method that changes something, where it is set. */
  refusal: Error | null;
}

/** A stand-in for the engine that notes what it is told to do, and obeys nothing but `trigger`. */
export function makeWorld(pipelines: Pipeline[] = [], contexts: readonly Context[] = []): World {
  const clock = new VirtualClock(NOON);
  const deeds: Deed[] = [];
  const past: World["past"] = { pipelines: [], asked: [] };
  const note = (deed: Deed) => {
    if (world.refusal) throw world.refusal;
    deeds.push(deed);
  };
  const engine: ApiEngine = {
    pipelines,
    options: {
      clock,
      runner: {
        start() {
          throw new Error("No job is started here.");
        },
      },
      compile: () => ({ ok: false, errors: [] }),
      orbs: new Map(),
      projects: [app, secret, standalone],
      contexts,
      readConfig: () => null,
      random: () => 0,
    },
    trigger(request) {
      note({ did: "trigger", request });
      const pipeline = makePipeline(pipelines.length + 1, { project: request.project, state: "pending" });
      pipelines.push(pipeline);
      return pipeline;
    },
    continuePipeline: (key, source, parameters) => note({ did: "continue", key, source, parameters }),
    approve: ({ id }, { login }) => note({ did: "approve", id, by: login }),
    cancelWorkflow: ({ id }, { login }) => note({ did: "cancel-workflow", id, by: login }),
    cancelJob: ({ id }, { login }) => note({ did: "cancel-job", id, by: login }),
    rerun(workflow, what, { login }) {
      note({ did: "rerun", id: workflow.id, what, by: login });
      return addWorkflow(workflow.pipeline, 999, { rerunOf: workflow });
    },
    stateAt(time) {
      past.asked.push(time);
      return past.pipelines;
    },
  };
  const world: World = { clock, pipelines, deeds, engine, past, refusal: null };
  return world;
}

const NO_EFFECT: FaultEffect = {
  status: null,
  body: undefined,
  headers: {},
  delay: 0,
  drop: false,
  afterAccepted: false,
  stale: 0,
};

export function makeFault(
  method: string,
  path: string,
  effect: Partial<FaultEffect>,
  changes: Partial<Fault> = {},
): Fault {
  return { method, path, times: 1, job: null, effect: { ...NO_EFFECT, ...effect }, source: {}, ...changes };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the API in process, with the good token unless other headers are given. */
export async function ask(
  api: Api,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = { "circle-token": "good" },
): Promise<Answer> {
  const request = new Request(`http://127.0.0.1:1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const answer = await api.fetch(request, null);
  return { status: answer.status, body: await answer.json() };
}

export function makeApi(world: World, faults: readonly Fault[] = []): Api {
  return new Api({ engine: world.engine, tokens, faults });
}
