import type { CircleCi } from "../circleci/client.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { findFailedCallbacks } from "./callback-jobs.ts";
import { isFailure } from "./job-failure.ts";
import { gatherFindings, type JobFindings } from "./job-findings.ts";
import { judgeJobs } from "./judge-jobs.ts";
import type { ChildWorkflow } from "./show-result.ts";
import type { Ending } from "./verdict.ts";

export interface ChildJudgement {
  readonly ending: Ending;
  readonly workflows: readonly ChildWorkflow[];
  /** Jobs that failed only in calling back. */
  readonly callbacks: readonly Job[];
  /** Of every job that was looked into. */
  readonly findings: readonly JobFindings[];
}

/**
 * What workflows of a child that have ended came to, by their jobs: the one judgement for whoever waits for a
 * child, checks it or takes it up. It needs to look into jobs that failed; into others where more is to be known.
 */
export async function judgeChild(
  api: CircleCi,
  pipelineId: string,
  workflows: readonly Workflow[],
  lookInto: (job: Job) => boolean = ({ status }) => isFailure(status),
): Promise<ChildJudgement> {
  const read: ChildWorkflow[] = [];
  for (const workflow of workflows) read.push({ workflow, jobs: await api.jobsOf(workflow.id) });
  const findings = await gatherFindings(
    api,
    read.flatMap(({ jobs }) => jobs.filter(lookInto)),
  );
  const callbacks = await findFailedCallbacks(api, pipelineId, findings);
  return { ending: judgeJobs(read, callbacks), workflows: read, callbacks, findings };
}
