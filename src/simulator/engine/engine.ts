import type { CompileInput, CompileResult, ParameterValue } from "../compiler/compiled-config.ts";
import type { Clock } from "./clock.ts";
import type { JobRunner } from "./job-runner.ts";
import type { Context, Job, Pipeline, Project, User, Workflow } from "./state.ts";

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

export interface TriggerRequest {
  readonly project: Project;
  /** At most one of the two; neither: the default branch. */
  readonly branch: string | null;
  readonly tag: string | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly actor: User;
  readonly type: Pipeline["trigger"]["type"];
}

/** A request that CircleCI would refuse; the API turns `kind` into a status code. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: "not-found" | "bad-request" | "conflict";

  constructor(kind: Refusal["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The states of all pipelines, and the only thing that changes them. Methods throw `Refusal`. */
export class Engine {
  readonly pipelines: readonly Pipeline[] = [];

  readonly options: EngineOptions;

  constructor(options: EngineOptions) {
    this.options = options;
  }

  trigger(_request: TriggerRequest): Pipeline {
    throw new Error("not written yet");
  }

  continuePipeline(
    _key: string,
    _source: string,
    _parameters: Readonly<Record<string, ParameterValue>>,
  ): void {
    throw new Error("not written yet");
  }

  approve(_job: Job, _user: User): void {
    throw new Error("not written yet");
  }

  cancelWorkflow(_workflow: Workflow, _user: User): void {
    throw new Error("not written yet");
  }

  cancelJob(_job: Job, _user: User): void {
    throw new Error("not written yet");
  }

  /** `jobs`: ids to repeat, with everything downstream of them. */
  rerun(
    _workflow: Workflow,
    _what: "all" | "from-failed" | { readonly jobs: readonly string[] },
    _user: User,
  ): Workflow {
    throw new Error("not written yet");
  }

  /** All pipelines as they were at that time: copies in the shape of `pipelines`, never to be handed to a method. */
  stateAt(_time: number): readonly Pipeline[] {
    throw new Error("not written yet");
  }

  /** Nothing is running, queued or delayed; a waiting hold is at rest. */
  isAtRest(): boolean {
    throw new Error("not written yet");
  }

  /** Called after every change, once the state is consistent again. The answer ends it. */
  onChange(_listener: () => void): () => void {
    throw new Error("not written yet");
  }

  /** Ends every running job; resolves when the runner has let go of all of them. */
  shutdown(): Promise<void> {
    throw new Error("not written yet");
  }
}
