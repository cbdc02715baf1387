import type { Job, Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import { isEnding } from "./verdict.ts";

/** A workflow of the parent with its jobs, as they are now. */
export interface ParentWorkflow {
  readonly workflow: Pick<Workflow, "id" | "created_at">;
  readonly jobs: readonly Job[];
}

export interface Hold {
  readonly workflowId: string;
  readonly jobId: string;
  readonly status: string;
}

/** Statuses of a hold from the one that most wants us to the one that least does. */
const interest = ["on_hold", "blocked", "success"];

/**
 * The hold of that name that is to be approved: one that waits before one that is not ready, that before one
 * that is approved, and among equals the newest workflow's. Throws `hold.invalid` where no workflow has it.
 */
export function findHold(workflows: readonly ParentWorkflow[], name: string): Hold {
  const holds = [...workflows]
    .sort((a, b) => Date.parse(b.workflow.created_at) - Date.parse(a.workflow.created_at))
    .flatMap(({ workflow, jobs }) =>
      jobs
        .filter((job) => job.name === name && job.type === "approval")
        .map((job) => ({ workflowId: workflow.id, jobId: job.id, status: job.status })),
    );
  const wanted = interest.map((status) => holds.find((hold) => hold.status === status)).find(Boolean);
  const hold = wanted ?? holds[0];
  if (hold !== undefined) return hold;

  const isOtherJob = workflows.some(({ jobs }) => jobs.some((job) => job.name === name));
  throw new UserError(
    "hold.invalid",
    isOtherJob
      ? `The parent's job \`${name}\` is no approval job, so it cannot be approved.`
      : `The parent's pipeline has no approval job \`${name}\`.`,
    { hints: [`The parent's workflow needs \`- ${name}: { type: approval, requires: [...] }\`.`] },
  );
}

/** Cancelled, or never reached: nobody can approve it any more. */
export function isLost({ status }: Hold): boolean {
  return status !== "success" && isEnding(status);
}
