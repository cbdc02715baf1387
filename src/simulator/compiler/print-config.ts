import { stringify } from "yaml";
import type { LinkedJob } from "./dependencies.ts";
import { dialect } from "./parse-source.ts";
import type { DraftJob } from "./workflow-job.ts";
import type { ExpandedWorkflow } from "./workflows.ts";

/** The compiled document as text: configuration of version 2, as `circleci config process` prints it. */
export function printConfig(
  workflows: readonly ExpandedWorkflow[],
  nameOf: (draft: DraftJob) => string,
): string {
  const jobs: Record<string, unknown> = {};
  const printed: Record<string, unknown> = { version: 2 };
  for (const workflow of workflows) {
    for (const { draft } of workflow.jobs) {
      if (draft.expanded !== null) jobs[nameOf(draft)] = draft.expanded.source;
    }
    printed[workflow.name] = {
      ...(workflow.maxAutoReruns > 0 ? { max_auto_reruns: workflow.maxAutoReruns } : {}),
      jobs: workflow.jobs.map((job) => printJob(job, nameOf)),
    };
  }
  const document = { version: 2, jobs, workflows: printed };
  return stringify(document, { ...dialect, lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false });
}

function printJob({ draft, requires }: LinkedJob, nameOf: (draft: DraftJob) => string): unknown {
  const body = {
    ...(draft.type === "approval" ? { type: "approval" } : {}),
    ...(requires.length > 0
      ? { requires: requires.map((required) => printRequirement(required, nameOf)) }
      : {}),
    ...(draft.contexts.length > 0 ? { context: draft.contexts } : {}),
    ...(draft.filters === null ? {} : { filters: draft.filters }),
    ...(draft.serialGroup === null ? {} : { "serial-group": draft.serialGroup }),
  };
  return Object.keys(body).length === 0 ? nameOf(draft) : { [nameOf(draft)]: body };
}

function printRequirement(
  { draft, statuses }: LinkedJob["requires"][number],
  nameOf: (draft: DraftJob) => string,
): unknown {
  const isPlain = statuses.length === 1 && statuses[0] === "success";
  return isPlain ? nameOf(draft) : { [nameOf(draft)]: statuses };
}
