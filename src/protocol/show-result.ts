import { jobUrl, workflowUrl } from "../circleci/links.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { type Child, nameChild } from "./child.ts";
import { byFailure, isFailure } from "./job-failure.ts";
import { findSkipped } from "./skipped-jobs.ts";
import { endingNames } from "./verdict.ts";

export interface ChildWorkflow {
  readonly workflow: Workflow;
  readonly jobs: readonly Job[];
}

export interface JudgedChild {
  readonly child: Child;
  readonly ending: string;
  readonly workflows: readonly ChildWorkflow[];
  /** Jobs that failed only in calling back: the child's own result does not hang on them. */
  readonly callbacks: readonly Job[];
}

/** The jobs that made a child what it is, the failed before the cancelled. */
export function failedJobs({
  workflows,
  callbacks,
}: JudgedChild): readonly { readonly workflow: Workflow; readonly job: Job }[] {
  return workflows
    .flatMap(({ workflow, jobs }) => jobs.map((job) => ({ workflow, job })))
    .filter(({ job }) => isFailure(job.status) && !callbacks.includes(job))
    .sort((a, b) => byFailure(a.job, b.job));
}

/** The jobs that CircleCI did not run for no reason of the child's own. */
export function listSkipped({ workflows }: JudgedChild): readonly Job[] {
  return workflows.flatMap(({ jobs }) => findSkipped(jobs));
}

/** The children's workflows and jobs as lines of one table: of each failed jobs first, then the worst workflow, with links. */
export function renderResults(results: readonly JudgedChild[], origin: string): readonly string[] {
  const tables = results.map((result) => ({ result, rows: listRows(result, origin) }));
  const align = createAligner(tables.flatMap(({ rows }) => rows));
  return tables.flatMap(({ result: { child, ending }, rows }) => [
    `${nameChild(child)}: ${ending}  ${child.url}`,
    ...rows.map(align),
  ]);
}

type Row = readonly string[];

function listRows(result: JudgedChild, origin: string): readonly Row[] {
  const { child, workflows, callbacks } = result;
  // An approval job may bear a number, but has no page of its own.
  const linkOf = (workflow: Workflow, { type, job_number: number }: Job) =>
    jobUrl(origin, child.project, child.number, workflow.id, type === "approval" ? null : number);
  const bad = failedJobs(result).map(({ workflow, job }) => [
    `  ! ${job.name}`,
    job.status,
    linkOf(workflow, job),
  ]);
  const severity = ({ workflow }: { readonly workflow: Workflow }) =>
    endingNames.indexOf(workflow.status ?? "");
  const worstFirst = [...workflows].sort((a, b) => severity(a) - severity(b));
  const skipped = listSkipped(result);
  const stateOf = (job: Job) => {
    if (callbacks.includes(job)) return `${job.status} (callback)`;
    return skipped.includes(job) ? `${job.status} (skipped)` : job.status;
  };
  const all = worstFirst.flatMap(({ workflow, jobs }) => [
    [
      `  ${workflow.name}`,
      workflow.status ?? "",
      workflowUrl(origin, child.project, child.number, workflow.id),
    ],
    ...jobs.map((job) => [`    ${job.name}`, stateOf(job), linkOf(workflow, job)]),
  ]);
  return [...bad, ...all];
}

function createAligner(rows: readonly Row[]): (row: Row) => string {
  const widthOf = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  const widths = [widthOf(0), widthOf(1)];
  return (row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
}
