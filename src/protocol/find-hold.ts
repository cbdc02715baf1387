import type { Job, Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import { isEnding } from "./verdict.ts";

/** A workflow of the parent with its jobs, as they are now. */
export interface ParentWorkflow {
  readonly workflow: Pick<Workflow, "id" | "created_at">;
  readonly jobs: readonly Job[];
}

export interface Hold {
  readonly name: string;
  readonly workflowId: string;
  readonly jobId: string;
  readonly status: string;
  /** Slug of the parent's project, as the service gives it. */
  readonly project: string;
  /** The jobs that it requires. */
  readonly upstream: readonly Job[];
}

/** The approval jobs of that name, the newest workflow's first. Throws `hold.invalid` where there is none. */
export function findHolds(workflows: readonly ParentWorkflow[], name: string): readonly Hold[] {
  const holds = [...workflows]
    .sort((a, b) => Date.parse(b.workflow.created_at) - Date.parse(a.workflow.created_at))
    .flatMap((parent) => holdsOf(parent, name));
  if (holds.length > 0) return holds;

  const isOtherJob = workflows.some(({ jobs }) => jobs.some((job) => job.name === name));
  throw new UserError(
    "hold.invalid",
    isOtherJob
      ? `The parent's job \`${name}\` is no approval job, so it cannot be approved.`
      : `The parent's pipeline has no approval job \`${name}\`.`,
    { hints: [`The parent's workflow needs \`- ${name}: { type: approval, requires: [...] }\`.`] },
  );
}

/** The approval jobs of that name in one workflow. */
export function holdsOf({ workflow, jobs }: ParentWorkflow, name: string): readonly Hold[] {
  return jobs
    .filter((job) => job.name === name && job.type === "approval")
    .map((job) => ({
      name,
      workflowId: workflow.id,
      jobId: job.id,
      status: job.status,
      project: job.project_slug,
      upstream: jobs.filter(({ id }) => job.dependencies.includes(id)),
    }));
}

/** Neither approved nor lost: it waits to be decided, or to be reached. */
export function isPending({ status }: Hold): boolean {
  return !isEnding(status);
}

/** Statuses of a hold from the one that most wants us to the one that least does. */
const interest = ["on_hold", "blocked", "success"];

/** One that waits before one that is not ready, that before one that is approved, and among equals the first. */
export function preferHold(holds: readonly Hold[]): Hold | null {
  const wanted = interest.map((status) => holds.find((hold) => hold.status === status)).find(Boolean);
  return wanted ?? holds[0] ?? null;
}
