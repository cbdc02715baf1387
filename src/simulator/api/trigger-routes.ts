import { Hono } from "hono";
import * as v from "valibot";
import type { ParameterValue } from "../compiler/compiled-config.ts";
import type { Pipeline, Project } from "../engine/state.ts";
import { ApiError } from "./api-error.ts";
import type { ApiEngine, ApiEnvironment, Call } from "./call.ts";
import { SLUG, slugOf } from "./project-routes.ts";
import { parametersSchema, readBody } from "./read-body.ts";
import { isStandalone } from "./slug.ts";
import { viewTriggered } from "./views.ts";

const PLACE = { branch: v.optional(v.string()), tag: v.optional(v.string()) };

type Place = v.InferOutput<typeof placeSchema>;

const placeSchema = v.pipe(
  v.object(PLACE),
  v.check(
    ({ branch, tag }) => branch === undefined || tag === undefined,
    "Give a branch or a tag, not both.",
  ),
);

const triggerSchema = v.pipe(
  v.object({ ...PLACE, parameters: v.optional(parametersSchema, {}) }),
  v.check(
    ({ branch, tag }) => branch === undefined || tag === undefined,
    "Give a branch or a tag, not both.",
  ),
);

const configSchema = v.pipe(
  v.looseObject(PLACE),
  v.check((config) => !("content" in config), "The simulator takes no configuration from a request."),
  placeSchema,
);

const runSchema = v.object({
  definition_id: v.optional(v.pipe(v.string(), v.uuid())),
  config: v.optional(configSchema),
  checkout: v.optional(placeSchema),
  parameters: v.optional(parametersSchema, {}),
});

const continueSchema = v.object({
  "continuation-key": v.string(),
  configuration: v.string(),
  parameters: v.optional(parametersSchema, {}),
});

/** The three ways to make a pipeline go: both triggers, and the continuation of a setup workflow. */
export function triggerRoutes(engine: ApiEngine): Hono<ApiEnvironment> {
  function trigger(
    call: Call,
    project: Project,
    place: Place,
    parameters: Readonly<Record<string, ParameterValue>>,
  ): Pipeline {
    return engine.trigger({
      project,
      branch: place.branch ?? null,
      tag: place.tag ?? null,
      parameters,
      actor: call.var.sight.user(),
      type: "api",
    });
  }

  return new Hono<ApiEnvironment>()
    .post(`${SLUG}/pipeline`, async (call) => {
      const project = call.var.sight.project(slugOf(call));
      if (isStandalone(project.slug)) {
        throw new ApiError(400, "Not available to projects that use GitLab or GitHub App.");
      }
      const { parameters, ...place } = await readBody(call.req, triggerSchema);
      return call.json(viewTriggered(trigger(call, project, place, parameters)), 201);
    })
    .post(`${SLUG}/pipeline/run`, async (call) => {
      const project = call.var.sight.project(slugOf(call));
      const { config, checkout, parameters } = await readBody(call.req, runSchema);
      return call.json(viewTriggered(trigger(call, project, checkout ?? config ?? {}, parameters)), 201);
    })
    .post("/pipeline/continue", async (call) => {
      const body = await readBody(call.req, continueSchema);
      engine.continuePipeline(body["continuation-key"], body.configuration, body.parameters);
      return call.json({ message: "Accepted." });
    });
}
