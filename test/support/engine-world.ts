import { expect, onTestFinished } from "vitest";
import type {
  CompiledConfig,
  CompiledJob,
  CompiledWorkflow,
  CompiledWorkflowJob,
  CompileInput,
  CompileResult,
  ParameterValue,
  RequiredStatus,
} from "../../src/simulator/compiler/compiled-config.ts";
import { Engine } from "../../src/simulator/engine/engine.ts";
import type { JobAssignment } from "../../src/simulator/engine/job-runner.ts";
import type { Context, Job, Pipeline, Project, User, Workflow } from "../../src/simulator/engine/state.ts";
import { VirtualClock } from "../../src/simulator/engine/virtual-clock.ts";
import { type Play, ScriptedRunner } from "./scripted-runner.ts";

export const anna: User = { id: "user-anna", login: "anna" };
export const bert: User = { id: "user-bert", login: "bert" };

export interface Source {
  readonly setup?: boolean;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly workflows?: readonly CompiledWorkflow[];
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

interface WorldOptions {
  /** What the text of a configuration means. `config` is what the projects have unless `texts` says otherwise. */
  readonly sources: Readonly<Record<string, Source>>;
  readonly texts?: Readonly<Record<string, string | null>>;
  readonly script?: Readonly<Record<string, readonly Play[]>>;
  /** What jobs do that the script does not name: by default they succeed after a second. */
  readonly play?: (assignment: JobAssignment) => Play;
  readonly contexts?: readonly Context[];
}

/** An engine with its clock and runner, whose compiler looks configurations up in a table. Fails the test when plays are left over. */
export function makeWorld({ sources, texts = {}, script = {}, play, contexts = [] }: WorldOptions) {
  const clock = new VirtualClock(0);
  const runner = new ScriptedRunner(clock, script, play);
  onTestFinished(() => expect(runner.unplayed).toEqual([]));
  const app = makeProject("gh/acme/app");
  const lib = makeProject("gh/acme/lib");
  const engine = new Engine({
    clock,
    runner,
    compile: (input) => compileFrom(sources, input),
    orbs: new Map(),
    projects: [app, lib],
    contexts,
    readConfig: ({ slug }) => (slug in texts ? (texts[slug] ?? null) : "config"),
    random: makeRandom(1),
  });
  const trigger = (request: Partial<Parameters<Engine["trigger"]>[0]> = {}): Pipeline =>
    engine.trigger({
      project: app,
      branch: null,
      tag: null,
      parameters: {},
      actor: anna,
      type: "api",
      ...request,
    });
  return { clock, runner, engine, app, lib, trigger };
}

export function workflow(
  name: string,
  jobs: readonly CompiledWorkflowJob[],
  maxAutoReruns = 0,
): CompiledWorkflow {
  return { name, jobs, maxAutoReruns };
}

/** `requires`: names, which must succeed, or names with the statuses that they must reach. */
export function job(
  name: string,
  requires: readonly (string | readonly [string, ...RequiredStatus[]])[] = [],
  more: Partial<CompiledWorkflowJob> = {},
): CompiledWorkflowJob {
  const type = more.type ?? "build";
  return {
    name,
    type,
    job: type === "build" ? "any" : null,
    requires: requires.map((required) => {
      const [upstream, ...statuses] =
        typeof required === "string" ? ([required, "success"] as const) : required;
      return { job: upstream, statuses };
    }),
    contexts: [],
    serialGroup: null,
    ...more,
  };
}

export const terminal = ["success", "failed", "canceled", "unauthorized", "not_run"] as const;

/** Every workflow of a pipeline with its jobs, in words that a test can compare as a whole. */
export function show(pipeline: Pipeline): Readonly<Record<string, unknown>> {
  return {
    state: pipeline.state,
    workflows: pipeline.workflows.map((run) => ({ [`${run.name}: ${run.status}`]: showJobs(run) })),
  };
}

export function showJobs(run: Workflow): Readonly<Record<string, string>> {
  return Object.fromEntries(run.jobs.map(({ name, status }) => [name, status]));
}

export function pickWorkflow(pipeline: Pipeline, place = 0): Workflow {
  const found = pipeline.workflows[place];
  if (found === undefined) throw new Error(`no workflow ${place}`);
  return found;
}

export function pickJob(run: Workflow, name: string): Job {
  const found = run.jobs.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no job ${name}`);
  return found;
}

function makeProject(slug: string): Project {
  return {
    slug,
    id: `id of ${slug}`,
    organizationId: "acme",
    branches: ["main", "develop"],
    environment: { FROM: "project", PLACE: slug },
  };
}

function compileFrom(sources: Readonly<Record<string, Source>>, input: CompileInput): CompileResult {
  const source = sources[input.source];
  if (source === undefined) throw new Error(`no source ${input.source}`);
  if (source.errors !== undefined) return { ok: false, errors: source.errors };
  const declared = source.parameters ?? {};
  const unexpected = Object.keys(input.parameters).filter((name) => !(name in declared));
  if (unexpected.length > 0) {
    return { ok: false, errors: [{ path: "", message: `Unexpected argument(s): ${unexpected.join(", ")}` }] };
  }
  return {
    ok: true,
    config: makeConfig(source),
    parameters: { ...declared, ...input.parameters },
  };
}

function makeConfig({ setup = false, workflows = [] }: Source): CompiledConfig {
  return { setup, jobs: { any: anyJob }, workflows, yaml: "" };
}

const anyJob: CompiledJob = {
  executor: "docker",
  image: "cimg/base",
  resourceClass: null,
  shell: null,
  workingDirectory: null,
  parallelism: 1,
  environment: {},
  steps: [],
};

/** The generator "mulberry32": small, and good enough for ids. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
