import type { JobStatus } from "../../circleci/status.ts";
import type { Clock } from "./clock.ts";
import type { Delays } from "./delays.ts";
import { assignJob, findDefinition } from "./job-assignment.ts";
import { findActor, mayUseContexts } from "./job-rights.ts";
import type { JobListener, JobOutcome, JobRunner, RunningJob } from "./job-runner.ts";
import { judgeRequirements } from "./requirements.ts";
import { SerialGroups } from "./serial-groups.ts";
import type { Context, Job, Pipeline, Project, User, Workflow } from "./state.ts";
import { deriveWorkflowStatus, hasJobEnded, hasWorkflowEnded } from "./workflow-status.ts";

/** From `queued` to `running`, in milliseconds: what finding a machine takes here. */
const startLag = 20;

export interface WorkflowDriverOptions {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly runner: JobRunner;
  readonly contexts: readonly Context[];
  readonly continuationKeyOf: (pipeline: Pipeline) => string | null;
  /** A workflow that has just ended; the answer is the one that follows it, if any. */
  readonly ended: (workflow: Workflow) => Workflow | null;
  readonly changed: (pipelines: readonly Pipeline[]) => void;
  /** A step has got further; nothing else is different. */
  readonly progressed: () => void;
}

interface Run {
  readonly handle: RunningJob;
  isCanceled: boolean;
}

/** Takes workflows through their jobs: starts what may start, ends what has ended, and keeps the statuses true. */
export class WorkflowDriver {
  readonly #options: WorkflowDriverOptions;
  readonly #groups = new SerialGroups();
  readonly #starting = new Map<Job, () => void>();
  readonly #runs = new Map<Job, Run>();
  readonly #unsettled = new Set<Workflow>();
  readonly #jobCounts = new Map<string, number>();
  #isClosed = false;

  constructor(options: WorkflowDriverOptions) {
    this.#options = options;
  }

  get runningCount(): number {
    return this.#runs.size;
  }

  begin(workflows: readonly Workflow[]): void {
    for (const workflow of workflows) this.#unsettled.add(workflow);
    this.#settle();
  }

  approve(hold: Job, user: User): void {
    hold.approvedBy = user;
    hold.actor = user;
    this.#end(hold, "success");
    this.#settle();
  }

  cancelJob(job: Job): void {
    this.#cancel(job);
    this.#settle();
  }

  cancelWorkflow(workflow: Workflow, user: User): void {
    workflow.canceledBy = user;
    for (const job of workflow.jobs) this.#cancel(job);
    this.#unsettled.add(workflow);
    this.#settle();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const runs = [...this.#runs.values()];
    for (const run of runs) run.handle.cancel();
    await Promise.all(runs.map((run) => run.handle.done));
    this.#runs.clear();
  }

  /** A workflow is settled when none of its jobs can start or has become impossible; one may unsettle another. */
  #settle(): void {
    const pipelines = new Set<Pipeline>();
    // A set hands out what is put into it on the way, also for the second time.
    for (const workflow of this.#unsettled) {
      this.#unsettled.delete(workflow);
      pipelines.add(workflow.pipeline);
      for (const job of workflow.jobs) this.#judge(job);
      this.#update(workflow);
    }
    if (pipelines.size > 0) this.#options.changed([...pipelines]);
  }

  #judge(job: Job): void {
    if (job.status !== "blocked") return;
    const { jobs } = job.workflow;
    const readiness = judgeRequirements(
      job.definition.requires,
      (name) => jobs.find((other) => other.name === name)?.status,
    );
    if (readiness === "never") this.#end(job, "not_run");
    if (readiness === "ready") this.#enter(job);
  }

  #update(workflow: Workflow): void {
    if (this.#unsettled.has(workflow) || hasWorkflowEnded(workflow.status)) return;
    const jobs = workflow.jobs.map(({ status, definition }) => ({
      status,
      serialGroup: definition.serialGroup,
    }));
    workflow.status = deriveWorkflowStatus(jobs, workflow.canceledBy !== null);
    if (!hasWorkflowEnded(workflow.status)) return;
    workflow.stoppedAt = this.#options.clock.now();
    const next = this.#options.ended(workflow);
    if (next !== null) this.#unsettled.add(next);
  }

  /** The requirements of the job are met. */
  #enter(job: Job): void {
    const { clock, contexts } = this.#options;
    job.actor = findActor(job);
    switch (job.definition.type) {
      case "no-op":
        job.startedAt = clock.now();
        this.#end(job, "success");
        return;
      case "approval":
        job.startedAt = clock.now();
        job.number = this.#countJob(job.workflow.pipeline.project);
        job.status = "on_hold";
        return;
      case "build":
        if (mayUseContexts(job.definition.contexts, contexts, job.actor)) this.#queue(job);
        else this.#end(job, "unauthorized");
    }
  }

  #queue(job: Job): void {
    const turn = this.#groups.join(job);
    if (turn === "skip") {
      this.#end(job, "not_run");
      return;
    }
    job.number = this.#countJob(job.workflow.pipeline.project);
    job.status = "queued";
    if (turn === "go") this.#startSoon(job);
  }

  #startSoon(job: Job): void {
    const callOff = this.#options.delays.after(startLag, () => {
      this.#starting.delete(job);
      this.#start(job);
      this.#settle();
    });
    this.#starting.set(job, callOff);
  }

  #start(job: Job): void {
    const { clock, contexts, continuationKeyOf, runner } = this.#options;
    const definition = findDefinition(job);
    this.#unsettled.add(job.workflow);
    if (definition === undefined || job.number === null) {
      this.#end(job, "infrastructure_fail");
      return;
    }
    job.status = "running";
    job.startedAt = clock.now();
    const continuationKey = continuationKeyOf(job.workflow.pipeline);
    const assignment = assignJob(job, definition, { number: job.number, contexts, continuationKey });
    const handle = runner.start(assignment, this.#listenTo(job));
    this.#runs.set(job, { handle, isCanceled: false });
    handle.done.then((outcome) => this.#finish(job, outcome));
  }

  #finish(job: Job, outcome: JobOutcome): void {
    const run = this.#runs.get(job);
    if (this.#isClosed || run === undefined) return;
    this.#runs.delete(job);
    this.#end(job, run.isCanceled ? "canceled" : outcome);
    this.#settle();
  }

  /** What a runner reports while it is still in `start` is told with the start itself. */
  #listenTo(job: Job): JobListener {
    const isHeard = () => !this.#isClosed && job.status === "running";
    return {
      step: (progress) => {
        if (!isHeard()) return;
        const known = job.steps.findIndex((step) => step.index >= progress.index);
        const place = known === -1 ? job.steps.length : known;
        job.steps.splice(place, job.steps[place]?.index === progress.index ? 1 : 0, progress);
        if (this.#runs.has(job)) this.#options.progressed();
      },
      artifact: (artifact) => {
        if (!isHeard()) return;
        job.artifacts.push(artifact);
        if (this.#runs.has(job)) this.#options.changed([job.workflow.pipeline]);
      },
    };
  }

  /** A running job ends when its runner lets go of it, every other one at once. */
  #cancel(job: Job): void {
    if (hasJobEnded(job.status)) return;
    const run = this.#runs.get(job);
    if (run === undefined) {
      this.#end(job, "canceled");
      return;
    }
    if (run.isCanceled) return;
    run.isCanceled = true;
    run.handle.cancel();
  }

  #countJob({ slug }: Project): number {
    const number = (this.#jobCounts.get(slug) ?? 0) + 1;
    this.#jobCounts.set(slug, number);
    return number;
  }

  #end(job: Job, status: JobStatus): void {
    this.#starting.get(job)?.();
    this.#starting.delete(job);
    job.status = status;
    job.stoppedAt = this.#options.clock.now();
    this.#unsettled.add(job.workflow);
    const { next, skipped } = this.#groups.leave(job);
    for (const other of skipped) this.#end(other, "not_run");
    if (next !== null) this.#startSoon(next);
  }
}
