import type { Job } from "../circleci/schemas.ts";
import { isFailure } from "./job-failure.ts";

/**
 * Jobs that CircleCI did not run although all that they require had ended as it must: so it does with a job whose
 * serial group has a newer pipeline (Controlling serial execution). Its workflow may count as a success all the
 * same. Where the service does not tell which ends a job requires, nothing is read into it.
 */
export function findSkipped(jobs: readonly Job[]): readonly Job[] {
  return jobs.filter(
    (job) => job.status === "not_run" && job.dependencies.every((id) => isMet(job.requires[id], id, jobs)),
  );
}

function isMet(wanted: readonly string[] | undefined, id: string, jobs: readonly Job[]): boolean {
  const status = jobs.find((job) => job.id === id)?.status;
  if (wanted === undefined || status === undefined) return false;
  return wanted.includes("terminal") || wanted.includes(nameEnd(status));
}

/** The word that `requires` has for the end of a job. */
function nameEnd(status: string): string {
  const isNamed = status === "unauthorized" || status === "canceled";
  return isFailure(status) && !isNamed ? "failed" : status;
}
