import type {
  CompiledConfig,
  CompiledJob,
  CompiledWorkflow,
  CompiledWorkflowJob,
} from "./compiled-config.ts";
import type { LinkedJob } from "./dependencies.ts";
import { nameJobs } from "./job-names.ts";
import { printConfig } from "./print-config.ts";
import { Place, type Problems } from "./problems.ts";
import type { DraftJob } from "./workflow-job.ts";
import type { ExpandedWorkflow } from "./workflows.ts";

const maximumBytes = 8 * 1024 * 1024;

/** Settles the names of jobs and puts the compiled configuration together. */
export function assembleConfig(
  workflows: readonly ExpandedWorkflow[],
  setup: boolean,
  problems: Problems,
): CompiledConfig {
  const names = nameJobs(workflows.map((workflow) => workflow.jobs.map((job) => job.draft)));
  const nameOf = (draft: DraftJob) => names.get(draft) ?? draft.wanted;
  const yaml = printConfig(workflows, nameOf);
  const bytes = Buffer.byteLength(yaml);
  if (bytes > maximumBytes) {
    problems.fail(
      new Place(),
      `Your compiled config is too large. A compiled config YAML must be at most 8MB, found: ${bytes} bytes`,
    );
  }
  const jobs: Record<string, CompiledJob> = {};
  for (const { draft } of workflows.flatMap((workflow) => workflow.jobs)) {
    const job = draft.expanded?.job ?? null;
    if (job !== null) jobs[nameOf(draft)] = job;
  }
  const running = workflows.filter((workflow) => workflow.running.length > 0);
  return { setup, jobs, workflows: running.map((workflow) => assembleWorkflow(workflow, nameOf)), yaml };
}

function assembleWorkflow(
  { name, maxAutoReruns, running }: ExpandedWorkflow,
  nameOf: (draft: DraftJob) => string,
): CompiledWorkflow {
  return { name, maxAutoReruns, jobs: running.map((job) => assembleWorkflowJob(job, nameOf)) };
}

function assembleWorkflowJob(
  { draft, requires }: LinkedJob,
  nameOf: (draft: DraftJob) => string,
): CompiledWorkflowJob {
  return {
    name: nameOf(draft),
    type: draft.type,
    job: draft.type === "build" ? nameOf(draft) : null,
    requires: requires.map((required) => ({ job: nameOf(required.draft), statuses: required.statuses })),
    contexts: draft.contexts,
    serialGroup: draft.serialGroup,
  };
}
