import type { JobStatus } from "../../circleci/status.ts";
import type { StepProgress } from "../engine/job-runner.ts";
import type { Job } from "../engine/state.ts";
import { canonicalSlug, locateRepository, splitSlug } from "./slug.ts";
import { signedOutputPath } from "./step-outputs.ts";
import { isoTime, isoTimeOrNull } from "./views.ts";

/** The service numbers its own steps from 0 and 99, those of the configuration from 101. */
const firstStep = 101;

/** A job as API v1.1 shows it. `now` is for the duration of one that still runs. */
export function viewBuild(job: Job, number: number, bytesOrigin: string, now: number) {
  const { workflow } = job;
  const { pipeline } = workflow;
  const { organization, name } = splitSlug(pipeline.project.slug);
  const repository = locateRepository(pipeline.project.slug);
  const lifecycle = lifecycleOf(job.status);
  return {
    vcs_type: repository?.provider.toLowerCase() ?? null,
    vcs_url: repository?.url ?? null,
    build_url: `https://circleci.com/${canonicalSlug(pipeline.project.slug)}/${number}`,
    build_num: number,
    username: organization,
    reponame: name,
    branch: pipeline.branch,
    vcs_tag: pipeline.tag,
    vcs_revision: pipeline.revision,
    lifecycle,
    outcome: lifecycle === "finished" ? job.status : null,
    status: job.status,
    ...viewFlags(job.status),
    queued_at: isoTime(job.startedAt ?? workflow.createdAt),
    start_time: isoTimeOrNull(job.startedAt),
    stop_time: isoTimeOrNull(job.stoppedAt),
    build_time_millis: job.startedAt === null ? null : (job.stoppedAt ?? now) - job.startedAt,
    workflows: {
      job_id: job.id,
      job_name: job.name,
      workflow_id: workflow.id,
      workflow_name: workflow.name,
      workspace_id: workflow.workspaceId,
    },
    steps: job.steps.map((step) => ({
      name: step.name,
      actions: [viewAction(job.id, step, bytesOrigin)],
    })),
  };
}

function viewAction(jobId: string, step: StepProgress, bytesOrigin: string) {
  const { name, status, exitCode, output, index } = step;
  const hasOutput = status !== "running" && output !== "";
  return {
    index: 0,
    step: firstStep + index,
    name,
    type: "test",
    status,
    exit_code: exitCode,
    ...viewFlags(status),
    truncated: false,
    messages: [],
    has_output: hasOutput,
    ...(hasOutput && { output_url: `${bytesOrigin}${signedOutputPath(jobId, index)}` }),
  };
}

/** True or null, as the service has them. */
function viewFlags(status: string) {
  const flag = (name: string) => (status === name ? true : null);
  return {
    failed: flag("failed"),
    infrastructure_fail: flag("infrastructure_fail"),
    timedout: flag("timedout"),
    canceled: flag("canceled"),
  };
}

function lifecycleOf(status: JobStatus): "not_run" | "not_running" | "queued" | "running" | "finished" {
  if (status === "not_run" || status === "running" || status === "queued") return status;
  return status === "blocked" || status === "not_running" || status === "on_hold"
    ? "not_running"
    : "finished";
}
