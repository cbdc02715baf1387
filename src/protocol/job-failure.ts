/** How a job can end badly, worst first. `not_run` is none of them: it only follows from another job's end. */
const failures = [
  "failed",
  "infrastructure_fail",
  "timedout",
  "terminated-unknown",
  "unauthorized",
  "canceled",
];

export function isFailure(status: string): boolean {
  return failures.includes(status);
}

/** A status that nobody has heard of is no end. */
export function hasJobEnded(status: string): boolean {
  return status === "success" || status === "not_run" || isFailure(status);
}

/** Compares jobs so that the worst come first. */
export function byFailure(a: { readonly status: string }, b: { readonly status: string }): number {
  return failures.indexOf(a.status) - failures.indexOf(b.status);
}

/** A step of the job itself failed: it can tell why. */
export function isOwnFailure(status: string | null): boolean {
  return status === "failed" || status === "timedout";
}

/** What CircleCI repeats by itself where it is asked to: not what somebody cancelled, nor what had no right to run. */
export function isRepeatable({ status }: { readonly status: string }): boolean {
  return isFailure(status) && status !== "canceled" && status !== "unauthorized";
}
