import { Refusal } from "./refusal.ts";
import { listDownstream } from "./requirements.ts";
import type { Workflow } from "./state.ts";
import { hasWorkflowEnded } from "./workflow-status.ts";

/** `jobs`: ids to repeat, with everything downstream of them. */
export type RerunRequest = "all" | "from-failed" | { readonly jobs: readonly string[] };

const maxReruns = 100;

/** The names of the jobs that a rerun repeats. Throws `Refusal`. */
export function planRerun(workflow: Workflow, what: RerunRequest): ReadonlySet<string> {
  const obstacle = findObstacle(workflow);
  if (obstacle !== null) throw obstacle;
  if (what === "all") return new Set(workflow.jobs.map((job) => job.name));
  return what === "from-failed" ? findUnsuccessful(workflow) : findChosen(workflow, what.jobs);
}

/** Whether a workflow that has just failed repeats itself: only the first run and its own automatic reruns do. */
export function mayRerunItself(workflow: Workflow): boolean {
  const isOriginal = workflow.rerunOf === null || workflow.autoRerunNumber > 0;
  const hasTriesLeft = isOriginal && workflow.autoRerunNumber < workflow.maxAutoReruns;
  return workflow.status === "failed" && hasTriesLeft && findObstacle(workflow) === null;
}

function findObstacle(workflow: Workflow): Refusal | null {
  if (!hasWorkflowEnded(workflow.status)) {
    return new Refusal("conflict", "The workflow is still running.");
  }
  if (workflow.tag === "setup" && workflow.pipeline.continuationKey === null) {
    return new Refusal("conflict", "A setup workflow cannot be rerun once its pipeline has been continued.");
  }
  if (countReruns(workflow) >= maxReruns) {
    return new Refusal("bad-request", `A workflow can be rerun at most ${maxReruns} times.`);
  }
  return null;
}

function findUnsuccessful(workflow: Workflow): ReadonlySet<string> {
  const jobs = workflow.jobs.filter((job) => job.status !== "success");
  if (jobs.every((job) => job.status === "not_run")) {
    throw new Refusal("bad-request", "The workflow has no failed jobs to rerun.");
  }
  return new Set(jobs.map((job) => job.name));
}

function findChosen(workflow: Workflow, ids: readonly string[]): ReadonlySet<string> {
  const names = ids.map((id) => {
    const job = workflow.jobs.find((candidate) => candidate.id === id);
    if (job === undefined) throw new Refusal("bad-request", `The workflow has no job ${id}.`);
    return job.name;
  });
  if (names.length === 0) throw new Refusal("bad-request", "No jobs to rerun.");
  return listDownstream(
    workflow.jobs.map((job) => job.definition),
    names,
  );
}

function countReruns(workflow: Workflow): number {
  const first = findFirstRun(workflow);
  return workflow.pipeline.workflows.filter((other) => findFirstRun(other) === first).length - 1;
}

function findFirstRun(workflow: Workflow): Workflow {
  return workflow.rerunOf === null ? workflow : findFirstRun(workflow.rerunOf);
}
