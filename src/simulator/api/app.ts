import { Hono } from "hono";
import type { User } from "../engine/state.ts";
import type { ScenarioToken } from "../scenario/scenario.ts";
import { toApiError } from "./api-error.ts";
import { artifactDownloadRoutes, artifactListRoutes } from "./artifacts.ts";
import { findAccess } from "./auth.ts";
import { buildRoutes } from "./build-routes.ts";
import type { ApiEngine, ApiEnvironment } from "./call.ts";
import { configRoutes } from "./config-routes.ts";
import { contextRoutes } from "./context-routes.ts";
import { graphqlRoutes } from "./graphql-routes.ts";
import { jobRoutes } from "./job-routes.ts";
import { pipelineRoutes } from "./pipeline-routes.ts";
import { projectRoutes } from "./project-routes.ts";
import { jobsOf, Sight } from "./sight.ts";
import { unescapeSlug } from "./slug.ts";
import { triggerRoutes } from "./trigger-routes.ts";
import { userRoutes } from "./user-routes.ts";
import { identifyUser } from "./users.ts";
import { workflowRoutes } from "./workflow-routes.ts";

export interface AppOptions {
  readonly engine: ApiEngine;
  readonly tokens: readonly ScenarioToken[];
  /** Origin that serves the bytes of artifacts and the output of steps. */
  readonly bytesOrigin: () => string;
}

/** CircleCI's API v2, and what has no successor in v1.1 and GraphQL, as one function from a request to its true answer. */
export function createApp({ engine, tokens, bytesOrigin }: AppOptions): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>({ getPath: (request) => unescapeSlug(new URL(request.url).pathname) });
  app.use(async (call, next) => {
    const access = findAccess(tokens, call.req.raw.headers);
    call.set("sight", new Sight(access, engine.options.projects, call.env.pipelines));
    await next();
  });
  app.route("/", artifactDownloadRoutes(bytesOrigin));
  for (const routes of [
    userRoutes(() => listUsers(engine, tokens)),
    projectRoutes(() => engine.options.clock.now()),
    triggerRoutes(engine),
    pipelineRoutes(),
    workflowRoutes(engine),
    jobRoutes(engine),
    artifactListRoutes(),
    configRoutes(engine, tokens),
    contextRoutes(engine.options.contexts),
  ]) {
    app.route("/api/v2", routes);
  }
  app.route(
    "/api/v1.1",
    buildRoutes(bytesOrigin, () => engine.options.clock.now()),
  );
  app.route("/", graphqlRoutes(engine, tokens));
  app.notFound((call) => call.json({ message: "Not found" }, 404));
  app.onError((error, call) => {
    const expected = toApiError(error);
    if (!expected) throw error;
    return call.json({ message: expected.message }, expected.status);
  });
  return app;
}

function listUsers(engine: ApiEngine, tokens: readonly ScenarioToken[]): readonly User[] {
  const { pipelines } = engine;
  return [
    ...tokens.map(({ login }) => identifyUser(login)),
    ...pipelines.map(({ trigger }) => trigger.actor),
    ...pipelines.flatMap(({ workflows }) => workflows).map(({ startedBy }) => startedBy),
    ...jobsOf(pipelines).flatMap(({ approvedBy }) => approvedBy ?? []),
  ];
}
