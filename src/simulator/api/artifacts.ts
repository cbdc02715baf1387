import { readFile } from "node:fs/promises";
import { Hono } from "hono";
import type { Context, Job } from "../engine/state.ts";
import { ApiError } from "./api-error.ts";
import type { ApiEnvironment } from "./call.ts";
import { takePage } from "./paging.ts";
import { SLUG, slugOf } from "./project-routes.ts";
import { stepOutputRoutes } from "./step-outputs.ts";

const DOWNLOAD = "/output/job/:id/artifacts/0/:path{.+}";

/** A job's list of artifacts, whose addresses lead back to the origin that was asked. */
export function artifactListRoutes(): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().get(`${SLUG}/:number{[0-9]+}/artifacts`, (call) => {
    const { sight } = call.var;
    const job = sight.numberedJob(sight.project(slugOf(call)), Number(call.req.param("number")));
    const page = takePage(job.artifacts, ({ path }) => path, call.req.query("page-token"));
    const base = `${new URL(call.req.url).origin}/output/job/${job.id}/artifacts/0`;
    const items = page.items.map(({ path }) => ({ path, node_index: 0, url: `${base}/${escapePath(path)}` }));
    return call.json({ ...page, items });
  });
}

/** Asks for the token, and sends whoever has one to the origin that keeps the bytes. */
export function artifactDownloadRoutes(bytesOrigin: () => string): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().get(DOWNLOAD, (call) => {
    const { id, path } = call.req.param();
    const job = call.var.sight.job(id);
    if (!findFile([job], id, path)) throw new ApiError(404, "Artifact not found");
    return call.redirect(`${bytesOrigin()}/${id}/0/${escapePath(path)}`, 302);
  });
}

/** A credential that reached the origin of the bytes, which has no business with any. */
export interface Leak {
  readonly path: string;
  readonly header: string;
}

/** The origin that keeps the bytes of artifacts and the output of steps. It asks for no token, and notes every one that it is shown. */
export class BytesOrigin {
  readonly leaks: Leak[] = [];
  readonly #jobs: () => readonly Job[];
  readonly #routes: Hono;

  constructor(jobs: () => readonly Job[], contexts: readonly Context[]) {
    this.#jobs = jobs;
    this.#routes = new Hono()
      .route("/", stepOutputRoutes(jobs, contexts))
      .get("/:id/0/:path{.+}", async (call) => {
        const { id, path } = call.req.param();
        const file = findFile(this.#jobs(), id, path);
        if (file === null) return call.notFound();
        return call.body(await readFile(file), 200, { "content-type": "application/octet-stream" });
      });
  }

  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    for (const header of ["circle-token", "authorization"]) {
      if (request.headers.has(header)) this.leaks.push({ path: pathname, header });
    }
    return this.#routes.fetch(request);
  }
}

function findFile(jobs: readonly Job[], id: string, path: string): string | null {
  const job = jobs.find((candidate) => candidate.id === id);
  return job?.artifacts.find((artifact) => artifact.path === path)?.file ?? null;
}

function escapePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
