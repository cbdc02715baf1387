import type { CircleCi } from "../circleci/client.ts";
import type { JobEnvironment } from "../circleci/job-environment.ts";
import type { Job } from "../circleci/schemas.ts";
import type { Files } from "../host/host.ts";
import { marks } from "./callback-note.ts";
import { hasJobEnded, isFailure } from "./job-failure.ts";
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
  files: Files,
  self: JobEnvironment,
): Promise<OwnWorkflow> {
  const jobs = await api.jobsOf(self.workflowId);
  const skipped = findSkipped(jobs);
  const others = jobs.filter(({ id }) => id !== self.jobId);
  return {
    project: jobs[0]?.project_slug ?? "",
    failed: others.filter((job) => isFailure(job.status) || skipped.includes(job)),
    unfinished: others.filter(({ status }) => !hasJobEnded(status)),
    hasThisJobFailed: await hasThisJobFailed(files),
  };
}

/** Whether CircleCI will itself run this workflow again if this job, too, fails. */
export async function isRerunComing(api: CircleCi, self: JobEnvironment): Promise<boolean> {
  const all = await api.workflowsOf(self.pipelineId);
  const own = all.find(({ id }) => id === self.workflowId) ?? (await api.workflow(self.workflowId));
  return canRepeatItself(own, all);
}
