import type { Job, Pipeline, Project, User, Workflow } from "../engine/state.ts";
import { ApiError } from "./api-error.ts";
import type { Access } from "./auth.ts";
import { canonicalSlug } from "./slug.ts";

/**
 * The part of the world that one request may see. What its token has no access to is answered exactly like
 * what does not exist.
 */
export class Sight {
  readonly #access: Access | null;
  readonly #projects: readonly Project[];
  readonly #pipelines: readonly Pipeline[];

  constructor(access: Access | null, projects: readonly Project[], pipelines: readonly Pipeline[]) {
    this.#access = access;
    this.#projects = projects.filter(({ slug }) => access?.canSee(slug));
    this.#pipelines = pipelines.filter(({ project }) => access?.canSee(project.slug));
  }

  /** The owner of the token; 401 where there is none. */
  user(): User {
    if (!this.#access) throw new ApiError(401, "You must log in first.");
    return this.#access.user;
  }

  /** Whether the request bears a token that somebody owns. */
  isKnown(): boolean {
    return this.#access !== null;
  }

  projects(): readonly Project[] {
    return this.#projects;
  }

  project(slug: string): Project {
    const wanted = canonicalSlug(slug);
    return found(
      this.#projects.find((project) => canonicalSlug(project.slug) === wanted),
      "Project",
    );
  }

  /** Whether it sees a project of that organization. */
  seesOrganization(id: string): boolean {
    return this.#projects.some(({ organizationId }) => organizationId === id);
  }

  /** Newest first. */
  pipelinesOf(project: Project): readonly Pipeline[] {
    return this.#pipelines
      .filter((pipeline) => pipeline.project.id === project.id)
      .sort((left, right) => right.number - left.number);
  }

  pipeline(id: string): Pipeline {
    return found(
      this.#pipelines.find((pipeline) => pipeline.id === id),
      "Pipeline",
    );
  }

  numberedPipeline(project: Project, number: number): Pipeline {
    return found(
      this.pipelinesOf(project).find((pipeline) => pipeline.number === number),
      "Pipeline",
    );
  }

  workflow(id: string): Workflow {
    return found(
      this.#pipelines.flatMap(({ workflows }) => workflows).find((workflow) => workflow.id === id),
      "Workflow",
    );
  }

  /** A rerun keeps the jobs that it does not repeat, under their ids: the newest workflow's is meant. */
  job(id: string): Job {
    return found(
      jobsOf(this.#pipelines).findLast((job) => job.id === id),
      "Job",
    );
  }

  /** Approval and no-op jobs have a number at most in lists: asked by number they are not there. */
  numberedJob(project: Project, number: number): Job {
    return found(
      jobsOf(this.pipelinesOf(project)).findLast(
        (job) => job.number === number && job.definition.type === "build",
      ),
      "Job",
    );
  }
}

export function jobsOf(pipelines: readonly Pipeline[]): readonly Job[] {
  return pipelines.flatMap(({ workflows }) => workflows).flatMap(({ jobs }) => jobs);
}

function found<Thing>(thing: Thing | undefined, kind: string): Thing {
  if (thing === undefined) throw new ApiError(404, `${kind} not found`);
  return thing;
}
