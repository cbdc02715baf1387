import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { definition } from "../../src/commands/sweep/definition.ts";
import { sweep } from "../../src/commands/sweep/handler.ts";
import { variableOf } from "../../src/orb/define-command.ts";
import { encodeTicket, makeNonce } from "../../src/protocol/ticket.ts";
import { runCommand } from "../../src/run-command.ts";
import { Api } from "../../src/simulator/api/api.ts";
import type { ApiEngine } from "../../src/simulator/api/call.ts";
import { Refusal } from "../../src/simulator/engine/engine.ts";
import type { Job, Pipeline, Project, Workflow } from "../../src/simulator/engine/state.ts";
import type { Fault } from "../../src/simulator/scenario/scenario.ts";
import { addJob, addWorkflow, app, bot, makeWorld, secret, tokens, uuid } from "../unit/api/world.ts";
import { createFakeHost } from "./fake-host.ts";
import { makeFolder } from "./folders.ts";

export const lib: Project = { ...app, slug: "gh/acme/lib", id: "a0000000-0000-4000-8000-000000000004" };

const minute = 60_000;

/** The ticket that a trigger in this pipeline has sent along. */
export function ticketOf(parent: Pipeline): string {
  const workflowId = parent.workflows[0]?.id ?? "";
  return encodeTicket({
    parentProject: parent.project.slug,
    pipelineId: parent.id,
    workflowId,
    workspaceId: workflowId,
    hold: "hold",
    receipt: "child",
    childProject: lib.slug,
    nonce: makeNonce(workflowId, "trigger", "child"),
    expires: 2_000_000_000,
    ancestors: [],
  });
}

interface Swept {
  readonly exit: number;
  readonly lines: readonly string[];
  /** `GET /workflow/…/job 200`. */
  readonly calls: readonly string[];
}

/** A CircleCI with states made by hand, in which a sweep really approves and cancels; both in this process. */
export function makeSweepWorld(faults: readonly Fault[] = []) {
  const world = makeWorld();
  const folder = makeFolder();
  let count = 100;
  const clock = createFakeHost({});
  const ago = (minutes: number) => clock.clock.now() - minutes * minute;
  const engine: ApiEngine = {
    ...world.engine,
    options: { ...world.engine.options, projects: [app, lib, secret] },
    approve(job, user) {
      if (job.status !== "on_hold") throw new Refusal("bad-request", "not on hold");
      job.status = "success";
      job.approvedBy = user;
    },
    cancelJob(job) {
      job.status = "canceled";
    },
    cancelWorkflow(workflow) {
      workflow.status = "canceled";
    },
  };
  const api = new Api({ engine, tokens, faults });

  /** Three hours old unless it is said otherwise, with one workflow. */
  function add(
    project: Project,
    status: Workflow["status"] | "no workflow",
    changes: Partial<Pipeline> = {},
  ): Pipeline {
    const number = world.pipelines.filter((each) => each.project === project).length + 1;
    const pipeline: Pipeline = {
      id: uuid(count++),
      number,
      project,
      state: "created",
      errors: [],
      parameters: {},
      values: {},
      trigger: {
        type: "api",
        actor: bot,
        receivedAt: ago(180),
      },
      branch: "main",
      tag: null,
      revision: "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4",
      createdAt: ago(180),
      updatedAt: ago(180),
      source: "version: 2.1",
      compiled: null,
      setupSource: null,
      compiledSetup: null,
      continuationKey: null,
      workflows: [],
      ...changes,
    };
    world.pipelines.push(pipeline);
    if (status !== "no workflow") addRun(pipeline, status);
    return pipeline;
  }

  function addRun(pipeline: Pipeline, status: Workflow["status"], changes: Partial<Workflow> = {}): Workflow {
    const ended = !["running", "on_hold", "failing", "queued"].includes(status);
    const createdAt = pipeline.createdAt + pipeline.workflows.length * minute;
    return addWorkflow(pipeline, count++, {
      name: pipeline.project === app ? "release" : "integration",
      status,
      createdAt,
      stoppedAt: ended ? createdAt + minute : null,
      ...changes,
    });
  }

  function addBuild(workflow: Workflow, name: string, changes: Partial<Job> = {}): Job {
    return addJob(workflow, count, name, { status: "success", number: count++, ...changes });
  }

  function addHold(workflow: Workflow, name: string, requires: readonly string[]): Job {
    return addJob(
      workflow,
      count++,
      name,
      { status: "on_hold" },
      {
        type: "approval",
        job: null,
        requires: requires.map((job) => ({ job, statuses: ["success"] })),
      },
    );
  }

  /** Leaves a file among the artifacts of a job. */
  function leave(job: Job, path: string, content: unknown): void {
    const file = join(folder, `${count++}.json`);
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    job.artifacts.push({ path, file });
  }

  function leaveReceipt(job: Job, child: Pipeline | null, changes: object = {}): void {
    leave(job, "circleback/child.json", {
      version: 1,
      receipt: "child",
      project: "gh/acme/lib",
      branch: "",
      tag: "",
      nonce: "nonce",
      request: "request",
      ticket: ticketOf(job.workflow.pipeline),
      sentAt: ago(180),
      hold: "hold",
      cancelChild: false,
      parent: { project: "gh/acme/app", pipelineId: "p", workflowId: "w", workspaceId: "w" },
      pipeline: child === null ? null : { id: child.id, number: child.number, url: "https://child" },
      ...changes,
    });
  }

  /** A parent that waits on `hold` for this child. */
  function addParent(child: Pipeline | null, changes: object = {}): { pipeline: Pipeline; hold: Job } {
    const pipeline = add(app, "on_hold");
    const [workflow] = pipeline.workflows;
    if (workflow === undefined) throw new Error("a parent has a workflow");
    leaveReceipt(addBuild(workflow, "trigger"), child, changes);
    return { pipeline, hold: addHold(workflow, "hold", ["trigger"]) };
  }

  async function run(parameters: Readonly<Record<string, string>> = {}): Promise<Swept> {
    const given: Readonly<Record<string, string>> = { projects: "gh/acme/app", ...parameters };
    const texts = Object.entries(definition.parameters).map(([name, parameter]) => [
      variableOf(name),
      given[name] ?? String(parameter.default ?? ""),
    ]);
    const host = createFakeHost({
      env: { ...Object.fromEntries(texts), CIRCLE_TOKEN: "good", CIRCLE_HOST: "http://127.0.0.1:1" },
      fetch: (url, init) => api.fetch(new Request(url, init), null),
    });
    const before = api.requests.length;
    const exit = await runCommand(definition, sweep, host);
    const calls = api.requests
      .slice(before)
      .map(({ method, path, status }) =>
        nameIds(`${method} ${path.replace("/api/v2", "")} ${status ?? "cut"}`),
      );
    return { exit, lines: host.lines.map(nameIds), calls };
  }

  function nameIds(text: string): string {
    let named = text.replaceAll("http://127.0.0.1:1", "");
    for (const pipeline of world.pipelines) {
      const name = `${pipeline.project.slug.split("/")[2]}#${pipeline.number}`;
      named = named.replaceAll(pipeline.id, name);
      for (const [place, { id, jobs }] of pipeline.workflows.entries()) {
        named = named.replaceAll(id, `${name}.${place}`);
        for (const job of jobs) {
          named = named
            .replaceAll(job.id, job.name)
            .replaceAll(`/${job.number}/artifacts`, `/${job.name}/artifacts`);
        }
      }
    }
    return named;
  }

  return { add, addRun, addBuild, addHold, addParent, ago, leave, leaveReceipt, run };
}
