import { Hono } from "hono";
import type { Workflow } from "../engine/state.ts";
import type { ApiEnvironment } from "./call.ts";
import { takePage } from "./paging.ts";
import { viewConfig, viewPipeline, viewValues, viewWorkflow } from "./views.ts";

/** What can be read about a pipeline by its id. */
export function pipelineRoutes(): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>()
    .get("/pipeline/:id", (call) => call.json(viewPipeline(call.var.sight.pipeline(call.req.param("id")))))
    .get("/pipeline/:id/values", (call) =>
      call.json(viewValues(call.var.sight.pipeline(call.req.param("id")))),
    )
    .get("/pipeline/:id/config", (call) =>
      call.json(viewConfig(call.var.sight.pipeline(call.req.param("id")))),
    )
    .get("/pipeline/:id/workflow", (call) => {
      const { workflows } = call.var.sight.pipeline(call.req.param("id"));
      const page = takePage(newestFirst(workflows), ({ id }) => id, call.req.query("page-token"));
      return call.json({ ...page, items: page.items.map(viewWorkflow) });
    });
}

/** Workflows that began together stay in the order of the configuration. */
function newestFirst(workflows: readonly Workflow[]): readonly Workflow[] {
  return [...workflows].sort((left, right) => right.createdAt - left.createdAt);
}
