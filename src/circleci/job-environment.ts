import { UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";

/** Who this job is, from the variables that CircleCI gives to every job. */
export interface JobEnvironment {
  readonly job: string;
  readonly jobId: string;
  readonly workflowId: string;
  readonly pipelineId: string;
  /** The same in a rerun from failed as in the workflow that it repeats. */
  readonly workspaceId: string;
  readonly nodeTotal: number;
}

export function readJobEnvironment(env: Environment): JobEnvironment {
  const read = (name: string) => {
    const value = env[name];
    if (value) return value;
    throw new UserError("parameter.invalid", `The environment variable ${name} is not set.`, {
      hints: ["CircleCI sets it in every job: run this command as a step of a job."],
    });
  };
  const workflowId = read("CIRCLE_WORKFLOW_ID");
  return {
    job: read("CIRCLE_JOB"),
    jobId: read("CIRCLE_WORKFLOW_JOB_ID"),
    workflowId,
    pipelineId: read("CIRCLE_PIPELINE_ID"),
    workspaceId: env.CIRCLE_WORKFLOW_WORKSPACE_ID || workflowId,
    nodeTotal: Number(env.CIRCLE_NODE_TOTAL || 1),
  };
}
