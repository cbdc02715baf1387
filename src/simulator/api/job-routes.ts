import { Hono } from "hono";
import type { ApiEngine, ApiEnvironment } from "./call.ts";

export function jobRoutes(engine: ApiEngine): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().post("/jobs/:id/cancel", (call) => {
    engine.cancelJob(call.var.sight.job(call.req.param("id")), call.var.sight.user());
    return call.json({ message: "Job canceled successfully." });
  });
}
