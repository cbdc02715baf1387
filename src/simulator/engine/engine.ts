import type { CompileInput, CompileResult, ParameterValue } from "../compiler/compiled-config.ts";
import type { Clock } from "./clock.ts";
import type { TriggerRequest } from "./create-pipeline.ts";
import { repeatWorkflow } from "./create-workflow.ts";
import { Delays } from "./delays.ts";
import { History } from "./history.ts";
import { makeUuid } from "./ids.ts";
import type { JobRunner } from "./job-runner.ts";
import { Listeners } from "./listeners.ts";
import { PipelineDriver } from "./pipeline-driver.ts";
import { mayRerunItself, planRerun, type RerunRequest } from "./plan-rerun.ts";
import { Refusal } from "./refusal.ts";
import type { Context, Job, Pipeline, Project, User, Workflow } from "./state.ts";
import { WorkflowDriver } from "./workflow-driver.ts";
import { hasJobEnded, hasWorkflowEnded } from "./workflow-status.ts";

export type { TriggerRequest } from "./create-pipeline.ts";
export { Refusal } from "./refusal.ts";

/** Milliseconds from the acceptance of an approval until the hold is released. */
const approvalLag = 50;

export interface EngineOptions {
  readonly clock: Clock;
  readonly runner: JobRunner;
  readonly compile: (input: CompileInput) => CompileResult;
  readonly orbs: ReadonlyMap<string, string>;
  readonly projects: readonly Project[];
  readonly contexts: readonly Context[];
  /** The text of `.circleci/config.yml` on that branch or tag, or null where there is none. */
  readonly readConfig: (project: Project) => string | null;
  /** A number from 0 up to 1: all ids come from it, so that a run can be repeated. */
  readonly random: () => number;
}

/** The states of all pipelines, and the only thing that changes them. Methods throw `Refusal`. */
export class Engine {
  readonly options: EngineOptions;
  /** Oldest first. */
  readonly pipelines: readonly Pipeline[];

  readonly #pipelines: Pipeline[] = [];
  readonly #history = new History();
  readonly #listeners = new Listeners();
  readonly #delays: Delays;
  readonly #pipelineDriver: PipelineDriver;
  readonly #workflowDriver: WorkflowDriver;
  #isClosed = false;

  constructor(options: EngineOptions) {
    this.options = options;
    this.pipelines = this.#pipelines;
    this.#delays = new Delays(options.clock);
    this.#pipelineDriver = new PipelineDriver({
      ...options,
      delays: this.#delays,
      changed: (pipeline) => this.#commit([pipeline]),
      begin: (workflows) => this.#workflowDriver.begin(workflows),
    });
    this.#workflowDriver = new WorkflowDriver({
      ...options,
      delays: this.#delays,
      continuationKeyOf: (pipeline) => this.#pipelineDriver.continuationKeyOf(pipeline),
      ended: (workflow) => this.#rerunItself(workflow),
      changed: (pipelines) => this.#commit(pipelines),
      progressed: () => this.#listeners.tell(),
    });
  }

  trigger(request: TriggerRequest): Pipeline {
    this.#refuseWhenClosed();
    const pipeline = this.#pipelineDriver.trigger(request);
    this.#pipelines.push(pipeline);
    this.#commit([pipeline]);
    return pipeline;
  }

  continuePipeline(key: string, source: string, parameters: Readonly<Record<string, ParameterValue>>): void {
    this.#refuseWhenClosed();
    this.#pipelineDriver.continue(key, source, parameters);
  }

  /** Accepts the approval; the hold is released a moment later. */
  approve(job: Job, user: User): void {
    this.#refuseWhenClosed();
    if (job.definition.type !== "approval") {
      throw new Refusal("bad-request", "The job is not an approval job.");
    }
    if (job.status !== "on_hold") {
      throw new Refusal("bad-request", `The job cannot be approved: its status is ${job.status}.`);
    }
    this.#delays.after(approvalLag, () => {
      if (job.status === "on_hold") this.#workflowDriver.approve(job, user);
      // Somebody else was faster; but this may have been the last thing before the rest.
      else this.#listeners.tell();
    });
  }

  cancelWorkflow(workflow: Workflow, user: User): void {
    this.#refuseWhenClosed();
    if (hasWorkflowEnded(workflow.status)) {
      throw new Refusal("bad-request", `The workflow has ended: its status is ${workflow.status}.`);
    }
    this.#workflowDriver.cancelWorkflow(workflow, user);
  }

  cancelJob(job: Job, _user: User): void {
    this.#refuseWhenClosed();
    if (hasJobEnded(job.status)) {
      throw new Refusal("bad-request", `The job has ended: its status is ${job.status}.`);
    }
    this.#workflowDriver.cancelJob(job);
  }

  rerun(workflow: Workflow, what: RerunRequest, user: User): Workflow {
    this.#refuseWhenClosed();
    const rerun = this.#repeat(workflow, what, user, 0);
    this.#workflowDriver.begin([rerun]);
    return rerun;
  }

  /** All pipelines as they were at that time: copies in the shape of `pipelines`, never to be handed to a method. */
  stateAt(time: number): readonly Pipeline[] {
    return this.#history.stateAt(time);
  }

  /** Nothing is running, queued or delayed; a waiting hold is at rest. */
  isAtRest(): boolean {
    return this.#delays.count === 0 && this.#workflowDriver.runningCount === 0;
  }

  /** Called after every change, once the state is consistent again. The answer ends it. */
  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Ends every running job; resolves when the runner has let go of all of them. The state stays as it is now. */
  async shutdown(): Promise<void> {
    this.#isClosed = true;
    this.#delays.callOffAll();
    await this.#workflowDriver.close();
  }

  #rerunItself(workflow: Workflow): Workflow | null {
    if (!mayRerunItself(workflow)) return null;
    return this.#repeat(workflow, "from-failed", workflow.startedBy, workflow.autoRerunNumber + 1);
  }

  #repeat(workflow: Workflow, what: RerunRequest, startedBy: User, autoRerunNumber: number): Workflow {
    const { clock, random } = this.options;
    const rerun = repeatWorkflow(workflow, planRerun(workflow, what), {
      startedBy,
      now: clock.now(),
      makeId: () => makeUuid(random),
      autoRerunNumber,
    });
    workflow.pipeline.workflows.push(rerun);
    return rerun;
  }

  #commit(pipelines: readonly Pipeline[]): void {
    for (const pipeline of pipelines) this.#history.record(pipeline, this.options.clock.now());
    this.#listeners.tell();
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new Refusal("conflict", "The service is shutting down.");
  }
}
