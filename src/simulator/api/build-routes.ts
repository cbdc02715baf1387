import { Hono } from "hono";
import { ApiError } from "./api-error.ts";
import type { ApiEnvironment } from "./call.ts";
import { SLUG, slugOf } from "./project-routes.ts";
import { isStandalone } from "./slug.ts";
import { viewBuild } from "./view-build.ts";

/** What of API v1.1 has no successor: a job with its steps. It knows nothing of projects whose slugs are opaque. */
export function buildRoutes(bytesOrigin: () => string, now: () => number): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().get(`${SLUG}/:number{[0-9]+}`, (call) => {
    const { sight } = call.var;
    const slug = slugOf(call);
    if (isStandalone(slug)) throw new ApiError(404, "Project not found");
    const number = Number(call.req.param("number"));
    return call.json(viewBuild(sight.numberedJob(sight.project(slug), number), number, bytesOrigin(), now()));
  });
}
