import type { CircleCi } from "../circleci/client.ts";
import type { JobEnvironment } from "../circleci/job-environment.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Files, Host } from "../host/host.ts";
import { marks } from "./callback-note.ts";
import { hasJobEnded, isFailure } from "./job-failure.ts";
import { poll } from "./poll.ts";
import { findSkipped } from "./skipped-jobs.ts";
import { canRepeatItself } from "./verdict.ts";

/** How the child's own workflow stands when it calls back: all jobs but the one that asks. */
export interface OwnWorkflow {
  readonly project: string;
  readonly failed: readonly Job[];
  readonly unfinished: readonly Job[];
  /** An earlier step of this very job has failed. */
  readonly hasThisJobFailed: boolean;
}

/** Left by a step of the orb that runs on failure only: nothing else tells a later step that its job has failed. */
const failureMark = `${marks.folder}/${marks.failed}`;

/** Whether an earlier step of this job has failed. */
export async function hasThisJobFailed(files: Files): Promise<boolean> {
  return (await files.read(failureMark)) !== null;
}

export async function judgeOwnWorkflow(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
): Promise<OwnWorkflow> {
  const what = `the jobs of workflow ${self.workflowId}`;
  const jobs = await readWith(host, self.jobId, what, () => api.jobsOf(self.workflowId));
  const skipped = findSkipped(jobs);
  const others = jobs.filter(({ id }) => id !== self.jobId);
  return {
    project: jobs[0]?.project_slug ?? "",
    failed: others.filter((job) => isFailure(job.status) || skipped.includes(job)),
    unfinished: others.filter(({ status }) => !hasJobEnded(status)),
    hasThisJobFailed: await hasThisJobFailed(host.files),
  };
}

/** Whether CircleCI will itself run this workflow again if this job, too, fails. */
export async function isRerunComing(api: CircleCi, host: Host, self: JobEnvironment): Promise<boolean> {
  const all = await listOwnWorkflows(api, host, self);
  const own = all.find(({ id }) => id === self.workflowId);
  return own !== undefined && canRepeatItself(own, all);
}

/** All workflows of this job's own pipeline. Throws `circleci.failed` where CircleCI does not list its own among them. */
export async function listOwnWorkflows(
  api: CircleCi,
  host: Host,
  { pipelineId, workflowId }: JobEnvironment,
): Promise<readonly Workflow[]> {
  return readWith(host, workflowId, `the workflows of pipeline ${pipelineId}`, () =>
    api.workflowsOf(pipelineId),
  );
}

/** CircleCI may show a list as it was that long ago, in milliseconds. */
const longestLag = 30_000;

/** A list without what asks for it is too old, or none: nothing can be told by what else is not on it. */
async function readWith<T extends { readonly id: string }>(
  host: Host,
  own: string,
  what: string,
  read: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const deadline = host.clock.now() + longestLag;
  const waitingFor = () => `Waiting until CircleCI lists ${what}.`;
  const list = await poll(
    host,
    { first: 1_000, longest: 5_000, deadline: () => deadline, waitingFor },
    async () => {
      const items = await read();
      return items.some(({ id }) => id === own) ? items : null;
    },
  );
  if (list !== null) return list;
  throw new UserError("circleci.failed", `CircleCI lists ${what} without the one that this job is of.`);
}
