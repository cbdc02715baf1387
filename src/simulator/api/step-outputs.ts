import { createHash } from "node:crypto";
import { Hono } from "hono";
import type { Context, Job } from "../engine/state.ts";
import { mask } from "../report/mask.ts";

/** Where a step's output lies on the origin of the bytes: whoever knows the signature needs no token. */
export function signedOutputPath(jobId: string, step: number): string {
  return `/output/${jobId}/${step}?X-Amz-Signature=${sign(jobId, step)}`;
}

/** The outputs of steps, as the service keeps them: with the values of contexts and project settings masked. */
export function stepOutputRoutes(jobs: () => readonly Job[], contexts: readonly Context[]): Hono {
  return new Hono().get("/output/:id/:step{[0-9]+}", (call) => {
    const { id, step } = call.req.param();
    if (call.req.query("X-Amz-Signature") !== sign(id, Number(step))) {
      return call.body("<Error><Code>AccessDenied</Code></Error>", 403, {
        "content-type": "application/xml",
      });
    }
    const job = jobs().find((candidate) => candidate.id === id);
    const found = job?.steps.find(({ index }) => index === Number(step));
    if (job === undefined || found === undefined) return call.notFound();
    const message = mask(found.output, secretsOf(job, contexts));
    const time = new Date(job.stoppedAt ?? job.startedAt ?? job.workflow.createdAt).toISOString();
    return call.json([{ message, time, type: "out" }]);
  });
}

function secretsOf(job: Job, contexts: readonly Context[]): readonly string[] {
  const own = contexts.filter(({ name }) => job.definition.contexts.includes(name));
  return [job.workflow.pipeline.project.environment, ...own.map(({ values }) => values)].flatMap((values) =>
    Object.values(values),
  );
}

function sign(jobId: string, step: number): string {
  return createHash("sha256").update(`${jobId}/${step}`).digest("hex");
}
