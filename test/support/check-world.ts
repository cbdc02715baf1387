import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JobStatus, WorkflowStatus } from "../../src/circleci/status.ts";
import { definition } from "../../src/commands/check-status/definition.ts";
import { checkStatus } from "../../src/commands/check-status/handler.ts";
import { runCommand } from "../../src/run-command.ts";
import { Api } from "../../src/simulator/api/api.ts";
import { identifyUser } from "../../src/simulator/api/users.ts";
import type { RequiredStatus } from "../../src/simulator/compiler/compiled-config.ts";
import type { StepProgress } from "../../src/simulator/engine/job-runner.ts";
import type { Job, Pipeline } from "../../src/simulator/engine/state.ts";
import type { Fault } from "../../src/simulator/scenario/scenario.ts";
import {
  addJob,
  addWorkflow,
  app,
  makePipeline,
  makeWorld,
  standalone,
  tokens,
  uuid,
} from "../unit/api/world.ts";
import { createFakeHost } from "./fake-host.ts";
import { makeFolder } from "./folders.ts";
import { parameterVariables } from "./service.ts";

/** A child as a check-status finds it: states made by hand, and the true API and handler on top of them. */

/** The fake host's clock: when the check begins. Times of states are seconds from here. */
const begin = Date.parse("2026-01-01T00:00:00Z");

export interface JobState {
  readonly status: JobStatus;
  readonly type?: "approval";
  /** -60 unless given; null: not yet. */
  readonly stopped?: number | null;
  /** By a job's name the ends that it may have. */
  readonly requires?: Readonly<Record<string, readonly RequiredStatus[]>>;
  /** By path: the text of each. */
  readonly artifacts?: Readonly<Record<string, string>>;
  readonly steps?: readonly Pick<StepProgress, "name" | "status" | "output">[];
}

export interface WorkflowState {
  readonly name: string;
  readonly status: WorkflowStatus;
  readonly tag?: "setup";
  /** -120 unless given. */
  readonly created?: number;
  readonly stopped?: number;
  readonly autoReruns?: readonly [number: number, most: number];
  readonly jobs: Readonly<Record<string, JobStatus | JobState>>;
}

export interface CheckWorld {
  /** By receipt name; they belong to `gh/acme/<name>`. */
  readonly children: Readonly<Record<string, readonly WorkflowState[]>>;
  /** The parent's hold, if it has one. */
  readonly hold?: { readonly status: JobStatus; readonly stopped: number | null; readonly by: string | null };
  /** The children's compiled configuration. */
  readonly compiled?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly faults?: readonly Fault[];
  /** The children's projects are on GitHub App. */
  readonly areOpaque?: boolean;
}

export interface Checked {
  readonly exit: number;
  /** With names for ids, and without the service's address. */
  readonly lines: readonly string[];
  readonly written: Readonly<Record<string, string>>;
  readonly calls: readonly string[];
}

/** Of the parent's hold. */
export const holdId = uuid(99);

const address = "http://127.0.0.1:1";

/** Runs check-status. Throws where it has shown its token to the origin of artifacts. */
export async function check(world: CheckWorld): Promise<Checked> {
  const names = Object.keys(world.children);
  let count = 100;
  const next = () => ++count;
  const nextId = () => uuid(next());
  const children = names.map((name, index) => makeChild(world, name, index, next));
  const parent = makeParent(world.hold ?? null, nextId);
  const pipelines = [parent, ...children];
  const { engine } = makeWorld(pipelines);
  const projects = [app, ...children.map(({ project }) => project)];
  const options = { ...engine.options, projects };
  const api = new Api({ engine: { ...engine, options }, tokens, faults: world.faults ?? [] });

  const variables = await parameterVariables("check-status", {
    receipts: names.join(","),
    token: "CIRCLE_TOKEN",
    host: address,
    ...world.parameters,
  });
  const host = createFakeHost({
    env: { ...variables, CIRCLE_TOKEN: "good", ...jobVariables(parent), ...world.env },
    files: Object.fromEntries(
      children.map((child, index) => receiptFile(names[index] ?? "", parent, child, world)),
    ),
    fetch: (url, init) => api.fetch(new Request(url, init), null),
  });
  const exit = await runCommand(definition, checkStatus, host);
  if (api.leaks.length > 0) throw new Error(`The token leaked: ${JSON.stringify(api.leaks)}`);
  const name = (text: string) => nameIds(text, pipelines);
  return {
    exit,
    lines: host.lines.map(name),
    written: Object.fromEntries([...host.written].filter(([path]) => !path.includes("/receipts/"))),
    calls: api.requests.map(({ method, path, status }) => name(`${method} ${path} ${status}`)),
  };
}

function makeChild(world: CheckWorld, name: string, index: number, next: () => number): Pipeline {
  const slug = world.areOpaque ? standalone.slug : `gh/acme/${name}`;
  const project = { ...app, slug, id: `id of ${name}` };
  const compiled =
    world.compiled === undefined
      ? {}
      : { compiled: { setup: false, workflows: [], jobs: {}, yaml: world.compiled } };
  const child = makePipeline(index + 1, { id: uuid(next()), project, ...compiled });
  for (const state of world.children[name] ?? []) {
    const [autoRerunNumber = 0, maxAutoReruns = 0] = state.autoReruns ?? [];
    const workflow = addWorkflow(child, 0, {
      id: uuid(next()),
      name: state.name,
      status: state.status,
      tag: state.tag ?? null,
      createdAt: begin + (state.created ?? -120) * 1000,
      stoppedAt: begin + (state.stopped ?? -60) * 1000,
      autoRerunNumber,
      maxAutoReruns,
    });
    for (const [jobName, given] of Object.entries(state.jobs)) {
      const job: JobState = typeof given === "string" ? { status: given } : given;
      const type = job.type ?? "build";
      const requires = Object.entries(job.requires ?? {}).map(([each, statuses]) => ({
        job: each,
        statuses,
      }));
      addJob(workflow, 0, jobName, { id: uuid(next()), ...makeJob(job, next()) }, { type, requires });
    }
  }
  return child;
}

function makeJob(state: JobState, number: number): Partial<Job> {
  const hasRun = !["not_run", "blocked", "unauthorized"].includes(state.status);
  const artifacts = Object.entries(state.artifacts ?? {}).map(([path, text], index) => {
    const file = join(makeFolder(), String(index));
    writeFileSync(file, text);
    return { path, file };
  });
  const stopped = state.stopped === undefined ? -60 : state.stopped;
  return {
    status: state.status,
    number: hasRun ? number : null,
    startedAt: begin - 100_000,
    stoppedAt: hasRun && stopped !== null ? begin + stopped * 1000 : null,
    artifacts,
    steps: (state.steps ?? []).map((step, index) => ({ ...step, index, exitCode: null })),
  };
}

function makeParent(hold: CheckWorld["hold"] | null, nextId: () => string): Pipeline {
  const parent = makePipeline(1, { id: nextId() });
  const workflow = addWorkflow(parent, 0, { id: nextId(), name: "release" });
  addJob(workflow, 0, "check", { id: nextId(), status: "running" });
  if (!hold) return parent;
  const { status, stopped, by } = hold;
  addJob(
    workflow,
    0,
    "hold",
    {
      id: holdId,
      status,
      stoppedAt: stopped === null ? null : begin + stopped * 1000,
      approvedBy: by === null ? null : identifyUser(by),
    },
    { type: "approval", job: null },
  );
  return parent;
}

function jobVariables(parent: Pipeline): Readonly<Record<string, string>> {
  const [workflow] = parent.workflows;
  return {
    CIRCLE_JOB: "check",
    CIRCLE_WORKFLOW_JOB_ID: workflow?.jobs[0]?.id ?? "",
    CIRCLE_WORKFLOW_ID: workflow?.id ?? "",
    CIRCLE_PIPELINE_ID: parent.id,
  };
}

function receiptFile(
  name: string,
  parent: Pipeline,
  child: Pipeline,
  { hold }: CheckWorld,
): readonly [string, string] {
  const receipt = {
    version: 1,
    receipt: name,
    project: child.project.slug,
    branch: "",
    tag: "",
    nonce: "n",
    request: "r",
    ticket: "",
    sentAt: 0,
    hold: hold ? "hold" : "",
    cancelChild: false,
    parent: {
      project: parent.project.slug,
      pipelineId: parent.id,
      workflowId: parent.workflows[0]?.id ?? "",
      workspaceId: parent.workflows[0]?.id ?? "",
    },
    pipeline: { id: child.id, number: child.number, url: `${address}/${name}` },
  };
  return [`.circleback/receipts/${name}.json`, JSON.stringify(receipt)];
}

/** Workflows by their names, a rerun as `name#2`; jobs by theirs, in paths as well. */
function nameIds(text: string, pipelines: readonly Pipeline[]): string {
  let named = text.replaceAll(address, "").replaceAll(standalone.slug, "circleci/org/lib");
  for (const { id, project, workflows } of pipelines) {
    named = named.replaceAll(id, project.slug);
    const runs = new Map<string, number>();
    for (const workflow of workflows) {
      const run = (runs.get(workflow.name) ?? 0) + 1;
      runs.set(workflow.name, run);
      named = named.replaceAll(workflow.id, run === 1 ? workflow.name : `${workflow.name}#${run}`);
      for (const job of workflow.jobs) {
        named = named.replaceAll(job.id, job.name);
        if (job.number !== null) named = named.replaceAll(`/${job.number}`, `/${job.name}`);
      }
    }
  }
  return named;
}
