import { LostAnswer } from "../../aws/call.ts";
import { UserError } from "../../errors.ts";

/** How far it has come, so that whatever ends it can say how things are left. */
export interface Progress {
  phase:
    | "nothing"
    | "registering"
    | "registered"
    | "starting-task"
    | "task"
    | "updating"
    | "deployment"
    | "over";
  /** Family and revision that was there before, empty where nobody knows; and what the service is or becomes one of. */
  readonly before: string;
  /** Whether a rerun begins another deployment, and takes up none. */
  readonly isForced: boolean;
  revision: string;
  task: string;
  deployment: string;
}

/** Does what changes something: its phase is that of a lost answer, and so is left where AWS has plainly refused. */
export async function attempt<T>(
  progress: Progress,
  phase: Progress["phase"],
  change: () => Promise<T>,
): Promise<T> {
  const before = progress.phase;
  progress.phase = phase;
  try {
    return await change();
  } catch (error) {
    if (error instanceof UserError && !(error instanceof LostAnswer)) progress.phase = before;
    throw error;
  }
}

/** What is left of a deploy that does not go on, as sentences; none where ECS has said how it ended. */
export function describeLeft({ phase, before, revision, task, deployment }: Progress): string {
  const unused = revision === before ? "" : ` ${revision} is registered, and nothing uses it.`;
  switch (phase) {
    case "nothing":
      return "Nothing was changed.";
    case "registering":
      return `The service was not touched, and stays with ${before}; a new revision may have been registered, which nothing uses.`;
    case "registered":
      return `The service was not touched, and stays with ${before}.${unused}`;
    case "starting-task":
      return `The service was not touched, and stays with ${before}. Whether the task of run-task was started is not known.`;
    case "task":
      return `The service was not touched, and stays with ${before}. Task ${task} of ${revision} goes on.`;
    case "updating":
      return `Whether the service was updated from ${before} to ${revision} is not known: its deployments in ECS tell.`;
    case "deployment":
      return `The deployment ${deployment} of ${revision} goes on in ECS${describeEarlier(before)}.`;
    case "over":
      return "";
  }
}

/** The end of a sentence. */
export function describeEarlier(before: string): string {
  return before === "" ? "" : `; before it, the service ran ${before}`;
}

/** The error with how it leaves things. AWS may fail in the middle: how a deployment ends is not known then. */
export function explainLeft(error: UserError, progress: Progress): UserError {
  const isOpen = progress.phase === "updating" || progress.phase === "deployment";
  const code = error.code === "aws.failed" && isOpen ? "deploy.unknown" : error.code;
  const left = describeLeft(progress);
  const hints =
    isOpen && error.code !== "deploy.failed"
      ? [
          progress.isForced
            ? "Look at the service's deployments first: with `force`, a rerun of this job begins another one."
            : "Rerun this job: it takes up a deployment that is under way.",
        ]
      : [];
  return new UserError(code, left === "" ? error.message : `${error.message}\n${left}`, {
    hints: [...error.hints, ...hints],
    cause: error.cause,
  });
}

/** `shop:8`, of the ARN of a revision. */
export function shortRevision(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}
