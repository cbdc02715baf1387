import { Refusal } from "./refusal.ts";
import type { Pipeline } from "./state.ts";

const lifetime = 6 * 60 * 60 * 1000;

/** The keys that let setup workflows continue their pipelines, once each. */
export class Continuations {
  readonly #pipelines = new Map<string, Pipeline>();

  issue(pipeline: Pipeline, key: string): void {
    pipeline.continuationKey = key;
    this.#pipelines.set(key, pipeline);
  }

  /** The jobs of a setup workflow are given the key even when it has been used: it is the use that is refused. */
  keyOf(pipeline: Pipeline): string | null {
    return [...this.#pipelines].find(([, owner]) => owner === pipeline)?.[0] ?? null;
  }

  find(key: string, now: number): Pipeline {
    const pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) throw new Refusal("not-found", "Pipeline not found");
    if (pipeline.state !== "setup") throw new Refusal("conflict", "Pipeline is not in setup state");
    if (now - pipeline.createdAt > lifetime) {
      throw new Refusal("bad-request", "The pipeline was created more than six hours ago.");
    }
    return pipeline;
  }
}
