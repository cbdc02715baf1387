import { createClient } from "../../circleci/client.ts";
import { readJobEnvironment } from "../../circleci/job-environment.ts";
import { jobUrl } from "../../circleci/links.ts";
import type { Host } from "../../host/host.ts";
import { requireSecret } from "../../orb/parameter.ts";
import { byFailure, isFailure } from "../../protocol/job-failure.ts";
import { hasThisJobFailed, judgeOwnWorkflow } from "../../protocol/own-workflow.ts";
import type { Result } from "./choose-message.ts";
import type { NotifyInput } from "./definition.ts";

export interface FailedJob {
  readonly name: string;
  readonly status: string;
  readonly url: string | null;
}

export interface Outcome {
  readonly result: Result;
  /** The worst first; none where it is the delivery that has failed. */
  readonly failed: readonly FailedJob[];
  /** Null where the outcome is that of this job alone. */
  readonly workflow: string | null;
  /** When the workflow began, in milliseconds since 1970. */
  readonly startedAt: number | null;
}

/** How this job has ended so far, or all other jobs of its workflow. */
export async function readOutcome(input: NotifyInput, host: Host): Promise<Outcome> {
  const { CIRCLE_JOB: job = "this job", CIRCLE_BUILD_URL: url } = host.env;
  const own: readonly FailedJob[] = (await hasThisJobFailed(host.files))
    ? [{ name: job, status: "failed", url: url || null }]
    : [];
  if (input.resultOf === "job") return { ...judge(own), workflow: null, startedAt: null };

  const self = readJobEnvironment(host.env);
  const api = createClient(host, input.host, requireSecret(input.token));
  const [workflow, { failed, unfinished }] = await Promise.all([
    api.workflow(self.workflowId),
    judgeOwnWorkflow(api, host, self),
  ]);
  if (unfinished.length > 0) {
    const open = unfinished.map(({ name, status }) => `${name} is ${status}`).join(", ");
    host.log.warn(
      `This workflow has not ended: ${open}. Let this job require these jobs as well, with the status \`terminal\`.`,
    );
  }
  const worstFirst = [
    ...failed.filter(({ status }) => isFailure(status)).sort(byFailure),
    ...failed.filter(({ status }) => !isFailure(status)),
  ];
  const others = worstFirst.map(({ name, status, type, job_number: number }) => ({
    name,
    status,
    url: jobUrl(
      input.host,
      workflow.project_slug,
      workflow.pipeline_number,
      workflow.id,
      type === "approval" ? null : number,
    ),
  }));
  return {
    ...judge([...own, ...others]),
    workflow: workflow.name,
    startedAt: Date.parse(workflow.created_at),
  };
}

function judge(failed: readonly FailedJob[]): Pick<Outcome, "result" | "failed"> {
  return { result: failed.length > 0 ? "failure" : "success", failed };
}
