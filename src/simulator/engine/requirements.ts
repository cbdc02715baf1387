import type { JobStatus } from "../../circleci/status.ts";
import type { CompiledWorkflowJob, RequiredStatus } from "../compiler/compiled-config.ts";
import type { Job } from "./state.ts";
import { hasJobFailed } from "./workflow-status.ts";

export type Readiness = "ready" | "waiting" | "never";

/** Whether a job may start. `never` as soon as one requirement can no longer be met, whatever the others still do. */
export function judgeRequirements(
  requires: CompiledWorkflowJob["requires"],
  statusOf: (job: string) => JobStatus | undefined,
): Readiness {
  const met = requires.map(({ job, statuses }) => {
    const status = statusOf(job);
    const ended = status === undefined ? "success" : requiredStatus(status);
    return ended === null ? null : statuses.includes(ended);
  });
  if (met.includes(false)) return "never";
  return met.includes(null) ? "waiting" : "ready";
}

/** The word that `requires` has for the end of a job; null while it has not ended. */
function requiredStatus(status: JobStatus): RequiredStatus | null {
  if (hasJobFailed(status)) return "failed";
  switch (status) {
    case "success":
    case "canceled":
    case "unauthorized":
    case "not_run":
      return status;
    default:
      return null;
  }
}

/** Every job that this one requires, at whatever distance. */
export function listUpstream(job: Job): readonly Job[] {
  const byName = new Map(job.workflow.jobs.map((other) => [other.name, other]));
  const found = new Set<Job>();
  const visit = (current: Job): void => {
    for (const required of current.definition.requires) {
      const upstream = byName.get(required.job);
      if (upstream === undefined || found.has(upstream)) continue;
      found.add(upstream);
      visit(upstream);
    }
  };
  visit(job);
  return [...found];
}

/** The names of these jobs and of all that require one of them, at whatever distance. */
export function listDownstream(
  jobs: readonly CompiledWorkflowJob[],
  names: readonly string[],
): ReadonlySet<string> {
  const found = new Set(names);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const job of jobs) {
      if (job.requires.some((required) => found.has(required.job))) found.add(job.name);
    }
  }
  return found;
}
