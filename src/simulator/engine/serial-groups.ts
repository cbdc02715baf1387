import type { Job } from "./state.ts";

/** Who may run in each serial group of each organisation: one job at a time, first come, first served. */
export class SerialGroups {
  /** The first of a line holds the group. */
  readonly #lines = new Map<string, readonly Job[]>();

  join(job: Job): "go" | "wait" | "skip" {
    const key = groupOf(job);
    if (key === null) return "go";
    const line = this.#lines.get(key) ?? [];
    if (isOvertaken(job, line)) return "skip";
    this.#lines.set(key, [...line, job]);
    return line.length === 0 ? "go" : "wait";
  }

  /** The job has ended, or waits no more. Answers who goes next, and who is skipped for being of an older pipeline. */
  leave(job: Job): { readonly next: Job | null; readonly skipped: readonly Job[] } {
    const key = groupOf(job);
    const line = key === null ? undefined : this.#lines.get(key);
    if (key === null || line === undefined || !line.includes(job)) return { next: null, skipped: [] };
    const rest = line.filter((other) => other !== job);
    if (line[0] !== job) {
      this.#lines.set(key, rest);
      return { next: null, skipped: [] };
    }
    const place = rest.findIndex((other) => !isOvertaken(other, rest));
    const first = Math.max(place, 0);
    this.#lines.set(key, rest.slice(first));
    return { next: rest[first] ?? null, skipped: rest.slice(0, first) };
  }
}

function groupOf(job: Job): string | null {
  const { serialGroup } = job.definition;
  return serialGroup === null ? null : `${job.workflow.pipeline.project.organizationId} ${serialGroup}`;
}

function isOvertaken(job: Job, line: readonly Job[]): boolean {
  const { project, number } = job.workflow.pipeline;
  return line.some(
    (other) =>
      other.workflow.pipeline.project.slug === project.slug && other.workflow.pipeline.number > number,
  );
}
