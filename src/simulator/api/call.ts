import type { Context } from "hono";
import type { Engine } from "../engine/engine.ts";
import type { Pipeline } from "../engine/state.ts";
import type { Sight } from "./sight.ts";

/** What the API asks of the engine. */
export type ApiEngine = Pick<
  Engine,
  | "options"
  | "pipelines"
  | "trigger"
  | "continuePipeline"
  | "approve"
  | "cancelWorkflow"
  | "cancelJob"
  | "rerun"
  | "stateAt"
>;

/** What the routes know about one request beside the request itself. */
export interface ApiEnvironment {
  readonly Bindings: {
    /** The present ones, or those of a while ago where the answer shall be stale. */
    readonly pipelines: readonly Pipeline[];
  };
  readonly Variables: { sight: Sight };
}

export type Call<Path extends string = string> = Context<ApiEnvironment, Path>;
