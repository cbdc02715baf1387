import type { RequiredStatus } from "./compiled-config.ts";
import type { Place, Problems } from "./problems.ts";
import type { DraftJob } from "./workflow-job.ts";

/** A job of a workflow with its dependencies resolved to jobs. */
export interface LinkedJob {
  readonly draft: DraftJob;
  readonly requires: readonly { readonly draft: DraftJob; readonly statuses: readonly RequiredStatus[] }[];
}

/** Resolves `requires`: a name is one other job, or a matrix with all its legs. */
export function linkJobs(
  workflow: string,
  drafts: readonly DraftJob[],
  problems: Problems,
): readonly LinkedJob[] {
  return drafts.map((draft) => {
    const requires = new Map<DraftJob, readonly RequiredStatus[]>();
    for (const { name, statuses, place } of draft.requires) {
      const others = drafts.filter((other) => other !== draft);
      const legs = others.filter((other) => other.alias === name);
      const targets = legs.length > 0 ? legs : others.filter((other) => other.wanted === name);
      if (legs.length === 0 && targets.length !== 1) {
        problems.report(
          place,
          `Job '${draft.wanted}' requires '${name}', which is the name of ${targets.length} other jobs in workflow '${workflow}'`,
        );
        continue;
      }
      for (const target of targets) {
        requires.set(target, [...new Set([...(requires.get(target) ?? []), ...statuses])]);
      }
    }
    return { draft, requires: [...requires].map(([target, statuses]) => ({ draft: target, statuses })) };
  });
}

/** Reports jobs that wait for one another. */
export function checkReachable(jobs: readonly LinkedJob[], place: Place, problems: Problems): void {
  const reached = new Set<DraftJob>();
  for (;;) {
    const next = jobs.filter(
      (job) => !reached.has(job.draft) && job.requires.every(({ draft }) => reached.has(draft)),
    );
    if (next.length === 0) break;
    for (const job of next) reached.add(job.draft);
  }
  const unreachable = jobs.filter((job) => !reached.has(job.draft));
  if (unreachable.length === 0) return;
  const names = unreachable.map((job) => job.draft.wanted).join(", ");
  const noStart = reached.size === 0 ? "At least one job in the workflow must have no dependencies.\n" : "";
  problems.report(place, `${noStart}The following jobs are unreachable: ${names}`);
}

/**
 * Leaves out the jobs that filters keep from running. A dependency on such a job is ignored, but a job whose
 * dependencies are all gone does not run either.
 */
export function dropFiltered(jobs: readonly LinkedJob[]): readonly LinkedJob[] {
  const kept = new Set(jobs.filter((job) => job.draft.runs).map((job) => job.draft));
  for (;;) {
    const orphans = jobs.filter(
      (job) =>
        kept.has(job.draft) && job.requires.length > 0 && job.requires.every(({ draft }) => !kept.has(draft)),
    );
    if (orphans.length === 0) break;
    for (const job of orphans) kept.delete(job.draft);
  }
  return jobs
    .filter((job) => kept.has(job.draft))
    .map((job) => ({ ...job, requires: job.requires.filter(({ draft }) => kept.has(draft)) }));
}
