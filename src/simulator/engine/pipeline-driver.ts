import type { PipelineState } from "../../circleci/status.ts";
import type {
  CompiledConfig,
  CompileError,
  CompileInput,
  CompileResult,
  ParameterValue,
} from "../compiler/compiled-config.ts";
import type { Clock } from "./clock.ts";
import { Continuations } from "./continuations.ts";
import { chooseRef, createPipeline, type TriggerRequest } from "./create-pipeline.ts";
import { createWorkflow } from "./create-workflow.ts";
import type { Delays } from "./delays.ts";
import { makeRevision, makeUuid } from "./ids.ts";
import { listPipelineValues } from "./pipeline-values.ts";
import { Refusal } from "./refusal.ts";
import type { Pipeline, Project, Workflow } from "./state.ts";

/** Milliseconds from the trigger, or the continuation, until the configuration is compiled. */
const compileLag = 100;
/** Milliseconds from there until the workflows exist. */
const workflowLag = 50;

const noConfiguration =
  "No configuration was found in your project. Please refer to https://circleci.com/docs/getting-started/ to get started with your configuration.";

type Parameters = Readonly<Record<string, ParameterValue>>;

export interface PipelineDriverOptions {
  readonly clock: Clock;
  readonly delays: Delays;
  readonly compile: (input: CompileInput) => CompileResult;
  readonly orbs: ReadonlyMap<string, string>;
  readonly readConfig: (project: Project) => string | null;
  readonly random: () => number;
  readonly changed: (pipeline: Pipeline) => void;
  /** The pipeline has workflows now, which are to be run. */
  readonly begin: (workflows: readonly Workflow[]) => void;
}

/** Takes pipelines from the trigger to their workflows, through a setup workflow where there is one. */
export class PipelineDriver {
  readonly #options: PipelineDriverOptions;
  readonly #continuations = new Continuations();
  readonly #counts = new Map<string, number>();
  readonly #revisions = new Map<string, string>();

  constructor(options: PipelineDriverOptions) {
    this.#options = options;
  }

  trigger(request: TriggerRequest): Pipeline {
    const { slug } = request.project;
    const ref = chooseRef(request);
    const number = (this.#counts.get(slug) ?? 0) + 1;
    this.#counts.set(slug, number);
    const pipeline = createPipeline(request, {
      ...ref,
      id: makeUuid(this.#options.random),
      number,
      revision: this.#findRevision(`${slug} ${ref.branch ?? ""} ${ref.tag ?? ""}`),
      createdAt: this.#options.clock.now(),
    });
    this.#options.delays.after(compileLag, () => this.#compileTriggered(pipeline));
    return pipeline;
  }

  continue(key: string, source: string, given: Parameters): void {
    const pipeline = this.#continuations.find(key, this.#options.clock.now());
    this.#refuseConflict(pipeline, given);
    pipeline.continuationKey = null;
    this.#options.delays.after(compileLag, () => this.#compileContinued(pipeline, source, given));
    this.#move(pipeline, "pending");
  }

  continuationKeyOf(pipeline: Pipeline): string | null {
    return this.#continuations.keyOf(pipeline);
  }

  #compileTriggered(pipeline: Pipeline): void {
    const source = this.#options.readConfig(pipeline.project);
    if (source === null) {
      this.#fail(pipeline, [{ type: "config-fetch", message: noConfiguration }]);
      return;
    }
    const config = this.#compile(pipeline, source, pipeline.parameters);
    if (config === null) return;
    if (config.setup) this.#beginSetup(pipeline, source, config);
    else this.#beginWork(pipeline, source, config);
  }

  #compileContinued(pipeline: Pipeline, source: string, given: Parameters): void {
    const config = this.#compile(pipeline, source, { ...pipeline.parameters, ...given });
    if (config === null) return;
    if (config.setup) {
      this.#fail(pipeline, [
        { type: "config", message: "A pipeline cannot be continued with another setup configuration." },
      ]);
      return;
    }
    this.#beginWork(pipeline, source, config);
  }

  #beginSetup(pipeline: Pipeline, source: string, config: CompiledConfig): void {
    pipeline.setupSource = source;
    pipeline.compiledSetup = config;
    this.#continuations.issue(pipeline, makeUuid(this.#options.random));
    this.#options.delays.after(workflowLag, () => {
      pipeline.state = "setup";
      pipeline.updatedAt = this.#options.clock.now();
      this.#addWorkflows(pipeline, config, "setup");
    });
    this.#move(pipeline, "setup-pending");
  }

  #beginWork(pipeline: Pipeline, source: string, config: CompiledConfig): void {
    pipeline.source = source;
    pipeline.compiled = config;
    this.#options.delays.after(workflowLag, () => this.#addWorkflows(pipeline, config, null));
    this.#move(pipeline, "created");
  }

  #addWorkflows(pipeline: Pipeline, config: CompiledConfig, tag: Workflow["tag"]): void {
    const { clock, random, begin, changed } = this.#options;
    const workflows = config.workflows.map((compiled) =>
      createWorkflow(pipeline, compiled, tag, {
        startedBy: pipeline.trigger.actor,
        now: clock.now(),
        makeId: () => makeUuid(random),
      }),
    );
    pipeline.workflows.push(...workflows);
    if (workflows.length === 0) changed(pipeline);
    else begin(workflows);
  }

  /** Null when the configuration has errors, which have ended the pipeline then. */
  #compile(pipeline: Pipeline, source: string, parameters: Parameters): CompiledConfig | null {
    const { compile, orbs } = this.#options;
    const values = listPipelineValues(pipeline);
    const result = compile({ source, orbs, parameters, values });
    if (!result.ok) {
      pipeline.source = source;
      this.#fail(
        pipeline,
        result.errors.map((error) => ({ type: "config", message: describe(error) })),
      );
      return null;
    }
    const named = Object.entries(result.parameters).map(([name, value]) => [`parameters.${name}`, value]);
    pipeline.values = { ...values, ...Object.fromEntries(named) };
    return result.config;
  }

  /** A parameter that the trigger has set to something else than the setup's default cannot be given again. */
  #refuseConflict(pipeline: Pipeline, given: Parameters): void {
    const shared = Object.keys(given).filter((name) => name in pipeline.parameters);
    if (shared.length === 0) return;
    const { compile, orbs } = this.#options;
    const source = pipeline.setupSource ?? "";
    const result = compile({ source, orbs, parameters: {}, values: listPipelineValues(pipeline) });
    const defaults = result.ok ? result.parameters : {};
    if (shared.some((name) => pipeline.parameters[name] !== defaults[name])) {
      throw new Refusal("conflict", "Conflicting pipeline parameters.");
    }
  }

  /** Nothing is pushed during a simulation, so a branch or tag stays at its commit. */
  #findRevision(ref: string): string {
    const revision = this.#revisions.get(ref) ?? makeRevision(this.#options.random);
    this.#revisions.set(ref, revision);
    return revision;
  }

  #fail(pipeline: Pipeline, errors: Pipeline["errors"]): void {
    pipeline.errors = errors;
    this.#move(pipeline, "errored");
  }

  /** What follows must be on the clock by now: whoever hears of the change may ask whether all is at rest. */
  #move(pipeline: Pipeline, state: PipelineState): void {
    pipeline.state = state;
    pipeline.updatedAt = this.#options.clock.now();
    this.#options.changed(pipeline);
  }
}

function describe({ path, message }: CompileError): string {
  return path === "" ? message : `${path}: ${message}`;
}
