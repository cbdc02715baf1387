import { Hono } from "hono";
import * as v from "valibot";
import { ApiError } from "./api-error.ts";
import type { ApiEngine, ApiEnvironment } from "./call.ts";
import { takePage } from "./paging.ts";
import { readBody } from "./read-body.ts";
import { viewWorkflow, viewWorkflowJob } from "./views.ts";

const rerunSchema = v.pipe(
  v.object({
    from_failed: v.optional(v.boolean(), false),
    jobs: v.optional(v.array(v.pipe(v.string(), v.uuid()))),
    enable_ssh: v.optional(v.boolean(), false),
    sparse_tree: v.optional(v.boolean(), false),
  }),
  v.check(
    ({ from_failed, jobs }) => !from_failed || jobs === undefined,
    "from_failed and jobs exclude each other.",
  ),
  v.check(({ enable_ssh, jobs }) => !enable_ssh || jobs !== undefined, "enable_ssh needs jobs."),
  v.check(({ sparse_tree, jobs }) => !sparse_tree || jobs !== undefined, "sparse_tree needs jobs."),
);

/** Reading a workflow and its jobs, and everything that can be done to it. */
export function workflowRoutes(engine: ApiEngine): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>()
    .get("/workflow/:id", (call) => call.json(viewWorkflow(call.var.sight.workflow(call.req.param("id")))))
    .get("/workflow/:id/job", (call) => {
      const { jobs } = call.var.sight.workflow(call.req.param("id"));
      const page = takePage(jobs, ({ id }) => id, call.req.query("page-token"));
      return call.json({ ...page, items: page.items.map(viewWorkflowJob) });
    })
    .post("/workflow/:id/approve/:request", (call) => {
      const { jobs } = call.var.sight.workflow(call.req.param("id"));
      const job = jobs.find(({ id }) => id === call.req.param("request"));
      if (!job) throw new ApiError(404, "Job not found");
      engine.approve(job, call.var.sight.user());
      return call.json({ message: "Accepted." }, 202);
    })
    .post("/workflow/:id/cancel", (call) => {
      engine.cancelWorkflow(call.var.sight.workflow(call.req.param("id")), call.var.sight.user());
      return call.json({ message: "Accepted." }, 202);
    })
    .post("/workflow/:id/rerun", async (call) => {
      const workflow = call.var.sight.workflow(call.req.param("id"));
      const { from_failed, jobs } = await readBody(call.req, rerunSchema);
      const what = jobs ? { jobs } : from_failed ? "from-failed" : "all";
      return call.json({ workflow_id: engine.rerun(workflow, what, call.var.sight.user()).id }, 202);
    });
}
