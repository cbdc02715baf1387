import { Hono } from "hono";
import type { ApiEnvironment, Call } from "./call.ts";
import { takePage } from "./paging.ts";
import { viewJobDetails, viewPipeline, viewProject } from "./views.ts";

export const SLUG = "/project/:provider/:organization/:name";

export function slugOf(call: Call<typeof SLUG>): string {
  const { provider, organization, name } = call.req.param();
  return `${provider}/${organization}/${name}`;
}

/** What can be read below a project's slug, artifacts excepted. */
export function projectRoutes(now: () => number): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>()
    .get(SLUG, (call) => call.json(viewProject(call.var.sight.project(slugOf(call)))))
    .get(`${SLUG}/pipeline`, (call) => {
      const branch = call.req.query("branch");
      const pipelines = call.var.sight
        .pipelinesOf(call.var.sight.project(slugOf(call)))
        .filter((pipeline) => branch === undefined || pipeline.branch === branch);
      const page = takePage(pipelines, ({ id }) => id, call.req.query("page-token"));
      return call.json({ ...page, items: page.items.map(viewPipeline) });
    })
    .get(`${SLUG}/pipeline/:number{[0-9]+}`, (call) => {
      const { sight } = call.var;
      return call.json(
        viewPipeline(sight.numberedPipeline(sight.project(slugOf(call)), Number(call.req.param("number")))),
      );
    })
    .get(`${SLUG}/job/:number{[0-9]+}`, (call) => {
      const { sight } = call.var;
      const number = Number(call.req.param("number"));
      return call.json(viewJobDetails(sight.numberedJob(sight.project(slugOf(call)), number), number, now()));
    });
}
