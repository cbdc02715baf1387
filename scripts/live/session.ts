import * as v from "valibot";
import { describeAnswer, type RawAnswer, type RawApi, seconds } from "./raw-api.ts";

const text = v.nullish(v.string(), null);

const Item = v.object({
  id: v.string(),
  name: v.string(),
  status: text,
  type: text,
  job_number: v.nullish(v.number(), null),
  started_at: text,
});
/** A workflow or a job. */
export type Item = v.InferOutput<typeof Item>;

const Items = v.object({ items: v.array(Item) });
const Pipeline = v.object({ state: v.string() });
const Started = v.object({ id: v.string() });

const endings = ["success", "failed", "error", "canceled", "unauthorized", "not_run"];

function hasEnded({ status }: Pick<Item, "status">): boolean {
  return status !== null && endings.includes(status);
}

interface SessionOptions {
  readonly api: RawApi;
  readonly signal: AbortSignal;
  /** By slug: pipeline definitions, which projects of GitHub App need. */
  readonly definitions: ReadonlyMap<string, string>;
  readonly branch: string;
}

const pause = 250;
const patience = 300_000;
const mostRounds = 30;

/** What the questions have started, so that nothing of it stays behind. */
export class Session {
  readonly api: RawApi;
  readonly #options: SessionOptions;
  readonly #pipelines: string[] = [];

  constructor(options: SessionOptions) {
    this.api = options.api;
    this.#options = options;
  }

  /** Triggers a pipeline, and remembers it. */
  async start(
    project: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<{ readonly id: string; readonly answer: RawAnswer }> {
    const { definitions, branch } = this.#options;
    const definition = definitions.get(project);
    const place = branch === "" ? {} : { branch };
    const answer =
      definition === undefined
        ? await this.api.ask("POST", `/api/v2/project/${project}/pipeline`, {
            body: { ...place, parameters },
          })
        : await this.api.ask("POST", `/api/v2/project/${project}/pipeline/run`, {
            body: { definition_id: definition, config: place, checkout: place, parameters },
          });
    const id = this.remember(answer);
    if (id === null) throw new Error(`The trigger of ${project} was answered ${describeAnswer(answer)}.`);
    return { id, answer };
  }

  /** The id of the pipeline that an answer to a trigger tells of; null: of none. */
  remember({ status, body }: RawAnswer): string | null {
    if (status !== 201 || !v.is(Started, body)) return null;
    this.#pipelines.push(body.id);
    return body.id;
  }

  /** Waits for workflows of these names; `watch` is told what there is meanwhile. */
  async untilThere(
    pipelineId: string,
    names: readonly string[],
    watch: (state: string, workflows: readonly Item[]) => void = () => {},
  ): Promise<readonly Item[]> {
    return this.until(`the workflows ${names.join(", ")}`, async () => {
      const answer = await this.api.ask("GET", `/api/v2/pipeline/${pipelineId}`);
      const { state } = decode(Pipeline, answer);
      const workflows = await this.workflowsOf(pipelineId);
      watch(state, workflows);
      if (state === "errored") throw new Error(`The pipeline is errored: ${describeAnswer(answer)}`);
      return names.every((name) => workflows.some((each) => each.name === name)) ? workflows : null;
    });
  }

  async workflowsOf(pipelineId: string): Promise<readonly Item[]> {
    return this.#list(`/api/v2/pipeline/${pipelineId}/workflow`);
  }

  async jobsOf(workflowId: string): Promise<readonly Item[]> {
    return this.#list(`/api/v2/workflow/${workflowId}/job`);
  }

  async jobOf(workflowId: string, name: string): Promise<Item> {
    const job = (await this.jobsOf(workflowId)).find((each) => each.name === name);
    if (job === undefined) throw new Error(`The workflow has no job ${name}.`);
    return job;
  }

  async workflow(id: string): Promise<Item> {
    const answer = await this.api.ask("GET", `/api/v2/workflow/${id}`);
    return decode(Item, answer);
  }

  async approve(workflowId: string, jobId: string): Promise<RawAnswer> {
    return this.api.ask("POST", `/api/v2/workflow/${workflowId}/approve/${jobId}`);
  }

  async cancelJob(jobId: string): Promise<RawAnswer> {
    return this.api.ask("POST", `/api/v2/jobs/${jobId}/cancel`);
  }

  /** Looks again and again until there is something to see. */
  async until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
    const began = performance.now();
    for (;;) {
      const seen = await look();
      if (seen !== null) return seen;
      const waited = performance.now() - began;
      if (waited > patience) throw new Error(`No sight of ${what} in ${seconds(waited)}.`);
      await this.#sleep();
    }
  }

  async untilEnded(workflowId: string): Promise<Item> {
    return this.until("the end of a workflow", async () => {
      const workflow = await this.workflow(workflowId);
      return hasEnded(workflow) ? workflow : null;
    });
  }

  /** Cancels every workflow that has not ended, until none is left. Answers with what it could not end. */
  async cleanUp(): Promise<readonly string[]> {
    for (let round = 0; ; round++) {
      const open: string[] = [];
      for (const pipeline of this.#pipelines) open.push(...(await this.#cancelAll(pipeline)));
      if (open.length === 0 || round === mostRounds) return open;
      await new Promise((resolve) => setTimeout(resolve, pause * 4));
    }
  }

  async #cancelAll(pipeline: string): Promise<readonly string[]> {
    try {
      const open = (await this.workflowsOf(pipeline)).filter((workflow) => !hasEnded(workflow));
      for (const { id } of open) await this.api.ask("POST", `/api/v2/workflow/${id}/cancel`);
      return open.map(({ name, id }) => `${name} (${id})`);
    } catch (error) {
      return [`pipeline ${pipeline}: ${error instanceof Error ? error.message : error}`];
    }
  }

  async #list(path: string): Promise<readonly Item[]> {
    return decode(Items, await this.api.ask("GET", path)).items;
  }

  async #sleep(): Promise<void> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, pause));
    signal.throwIfAborted();
  }
}

function decode<S extends v.GenericSchema>(schema: S, answer: RawAnswer): v.InferOutput<S> {
  if (answer.status === 200 && v.is(schema, answer.body)) return v.parse(schema, answer.body);
  throw new Error(`An unexpected answer: ${describeAnswer(answer)}`);
}
