import { jobUrl, workflowUrl } from "../circleci/links.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { type Child, nameChild } from "./child.ts";
import { endingNames } from "./verdict.ts";

export interface JudgedChild {
  readonly child: Child;
  readonly ending: string;
  readonly workflows: readonly { readonly workflow: Workflow; readonly jobs: readonly Job[] }[];
}

const failures = [
  "failed",
  "infrastructure_fail",
  "timedout",
  "terminated-unknown",
  "unauthorized",
  "canceled",
];

/** The jobs that made a child what it is, the failed before the cancelled. */
export function failedJobs({
  workflows,
}: JudgedChild): readonly { readonly workflow: Workflow; readonly job: Job }[] {
  return workflows
    .flatMap(({ workflow, jobs }) => jobs.map((job) => ({ workflow, job })))
    .filter(({ job }) => failures.includes(job.status))
    .sort((a, b) => failures.indexOf(a.job.status) - failures.indexOf(b.job.status));
}

/** The child's workflows and jobs as lines of a table, failed jobs first, then the worst workflow, each with its link. */
export function renderResult(result: JudgedChild, origin: string): readonly string[] {
  const { child, ending, workflows } = result;
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
  const all = worstFirst.flatMap(({ workflow, jobs }) => [
    [
      `  ${workflow.name}`,
      workflow.status ?? "",
      workflowUrl(origin, child.project, child.number, workflow.id),
    ],
    ...jobs.map((job) => [`    ${job.name}`, job.status, linkOf(workflow, job)]),
  ]);
  return [`${nameChild(child)}: ${ending}  ${child.url}`, ...alignColumns([...bad, ...all])];
}

function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widthOf = (column: number) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0));
  const widths = [widthOf(0), widthOf(1)];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
