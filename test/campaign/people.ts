import { encodeTicket, makeNonce } from "../../src/protocol/ticket.ts";
import { identifyUser } from "../../src/simulator/api/users.ts";
import { type Engine, Refusal } from "../../src/simulator/engine/engine.ts";
import type { Job, Pipeline, Workflow } from "../../src/simulator/engine/state.ts";
import type { VirtualClock } from "../../src/simulator/engine/virtual-clock.ts";
import type { MachineRunner } from "./machine-runner.ts";
import { type EventPlan, holdJob, slugOf, triggerJob, type World } from "./world.ts";

interface Surroundings {
  readonly world: World;
  readonly engine: Engine;
  readonly runner: MachineRunner;
  readonly clock: VirtualClock;
  /** Starts a sweep. */
  readonly sweep: () => void;
}

/** Does what the world's events say: clicks of people, and machines that die. What the service refuses does not count. */
export class People {
  applied = 0;
  readonly #engine: Engine;
  readonly #runner: MachineRunner;

  readonly #sweep: () => void;
  readonly #world: World;

  constructor({ world, engine, runner, clock, sweep }: Surroundings) {
    this.#world = world;
    this.#engine = engine;
    this.#runner = runner;
    this.#sweep = sweep;
    for (const event of world.events) {
      const act = () => clock.after(event.delay, () => this.#act(event));
      if (event.when === null) act();
      else this.#once(event.when, act);
    }
  }

  /** Calls the action when the nth job of that name gets into that state. */
  #once({ project, job: name, status, nth }: NonNullable<EventPlan["when"]>, action: () => void): void {
    const seen = new Set<string>();
    const stop = this.#engine.onChange(() => {
      for (const job of jobsOf(this.#pipelinesOf(project))) {
        if (job.name === name && job.status === status) seen.add(job.id);
      }
      if (seen.size < nth) return;
      stop();
      action();
    });
  }

  #act(event: EventPlan): void {
    try {
      if (this.#tryTo(event)) this.applied += 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #tryTo(event: EventPlan): boolean {
    const engine = this.#engine;
    if (event.do === "sweep") {
      this.#sweep();
      return true;
    }
    const user = identifyUser(event.as);
    const pipeline = this.#pipelinesOf(event.project).at(-event.pipeline);
    if (pipeline === undefined) return false;
    if (event.do === "copy-pipeline") {
      const { project, branch, tag, parameters } = pipeline;
      engine.trigger({ project, branch, tag, parameters, actor: user, type: "explicit" });
      return true;
    }
    const runs = pipeline.workflows.filter(({ name }) => name === event.workflow);
    const isRerun = event.do.startsWith("rerun");
    const workflow = runs.findLast(({ stoppedAt }) => !isRerun || stoppedAt !== null);
    if (workflow === undefined) return false;
    if (event.do === "cancel-workflow") engine.cancelWorkflow(workflow, user);
    else if (event.do === "rerun") engine.rerun(workflow, "all", user);
    else if (event.do === "rerun-from-failed") engine.rerun(workflow, "from-failed", user);
    else return this.#tryJob(event, workflow);
    return true;
  }

  #tryJob(event: EventPlan, workflow: Workflow): boolean {
    const job = findJob(workflow, event.job);
    if (job === undefined) return false;
    const user = identifyUser(event.as);
    if (event.do === "lose-machine") return this.#runner.lose(job.id);
    if (event.do === "forge-ticket") return this.#forge(event, workflow);
    if (event.do === "rerun-job") this.#engine.rerun(workflow, { jobs: [job.id] }, user);
    else if (event.do === "cancel-job") this.#engine.cancelJob(job, user);
    else this.#engine.approve(job, user);
    return true;
  }

  #forge({ job, as }: EventPlan, { id, name, workspaceId, pipeline }: Workflow): boolean {
    const { projects, signed } = this.#world;
    const plans = projects.filter((plan) => slugOf(plan.name) === pipeline.project.slug);
    const workflows = plans.flatMap((plan) => plan.workflows.filter((workflow) => workflow.name === name));
    const call = workflows.flatMap(({ calls }) => calls).find((each) => triggerJob(each) === job);
    const project = this.#engine.options.projects.find(({ slug }) => slug === slugOf(call?.project ?? ""));
    if (call === undefined || project === undefined || (as === "release-bot" && !signed)) return false;
    const ticket = encodeTicket({
      parentProject: pipeline.project.slug,
      pipelineId: pipeline.id,
      workflowId: id,
      workspaceId,
      hold: call.wait === "hold" ? holdJob(call) : "",
      receipt: call.receipt,
      childProject: project.slug,
      nonce: makeNonce(id, job, call.receipt),
      expires: 2_000_000_000,
      ancestors: [],
    });
    const parameters = { circleback: ticket };
    const actor = identifyUser(as);
    this.#engine.trigger({ project, branch: null, tag: null, parameters, actor, type: "explicit" });
    return true;
  }

  #pipelinesOf(project: string): readonly Pipeline[] {
    return this.#engine.pipelines.filter((pipeline) => pipeline.project.slug === slugOf(project));
  }
}

function jobsOf(pipelines: readonly Pipeline[]): readonly Job[] {
  return pipelines.flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs));
}

function findJob(workflow: Workflow, name: string): Job | undefined {
  return workflow.jobs.find((job) => job.name === name);
}
