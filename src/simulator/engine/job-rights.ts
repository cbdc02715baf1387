import { listUpstream } from "./requirements.ts";
import type { Context, Job, Project, User } from "./state.ts";

/**
 * Whose rights a job has: whoever approved upstream last, else the starter of the workflow.
 * A rerun by hand is its starter's own; what had been approved before it counts in automatic reruns only.
 */
export function findActor(job: Job): User {
  const { workflow } = job;
  const approvals = listUpstream(job)
    .flatMap(({ approvedBy, stoppedAt }) =>
      approvedBy === null || stoppedAt === null ? [] : [{ approvedBy, stoppedAt }],
    )
    .filter(({ stoppedAt }) => workflow.autoRerunNumber > 0 || stoppedAt > workflow.createdAt)
    .toSorted((a, b) => a.stoppedAt - b.stoppedAt);
  return approvals.at(-1)?.approvedBy ?? workflow.startedBy;
}

export function mayUseContexts(names: readonly string[], contexts: readonly Context[], actor: User): boolean {
  return names.every((name) => {
    const context = contexts.find((candidate) => candidate.name === name);
    return context !== undefined && (context.allow === null || context.allow.includes(actor.login));
  });
}

/** The project's variables, then those of the contexts in the order in which the job names them: a later one wins. */
export function mergeEnvironment(
  project: Project,
  names: readonly string[],
  contexts: readonly Context[],
): Readonly<Record<string, string>> {
  const layers = names.map((name) => contexts.find((context) => context.name === name)?.values ?? {});
  return Object.assign({ ...project.environment }, ...layers);
}
