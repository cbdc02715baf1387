import type { CircleCi } from "../circleci/client.ts";
import type { Job, Workflow } from "../circleci/schemas.ts";
import { callbackNoteArtifact, parseCallbackNote } from "./callback-note.ts";
import { gatherFindings, type JobFindings } from "./job-findings.ts";
import type { ChildWorkflow } from "./show-result.ts";
import { judge, mayStillPass } from "./verdict.ts";

export interface EarlyApproval {
  readonly hold: Job;
  /** The child's jobs that had not ended when the hold was approved, else the workflows that were about to be repeated. */
  readonly unfinished: readonly string[];
}

/** A child as it is now. */
export interface Looked {
  /** Every workflow and every rerun of it. */
  readonly runs: readonly Workflow[];
  /** Globs of the workflows that count; empty: all. */
  readonly patterns: readonly string[];
  /** Those whose jobs are known already, with what these have left. */
  readonly known: readonly ChildWorkflow[];
  readonly findings: readonly JobFindings[];
}

/**
 * Whether somebody approved a hold before the child had ended: before the runs that were the newest at that time
 * had. Jobs that call back do not count, since they approve while they run; neither does an approval of their
 * own, which may come while another workflow goes on.
 */
export async function findEarlyApproval(
  api: CircleCi,
  hold: Job,
  { runs, patterns, known, findings }: Looked,
): Promise<EarlyApproval | null> {
  if (hold.status !== "success" || hold.stopped_at === null) return null;
  const time = Date.parse(hold.stopped_at);
  const earlier = runs.filter(({ created_at: begin, tag }) => tag !== "setup" && Date.parse(begin) < time);
  const { workflows } = judge(earlier, { patterns, now: time });

  const jobs = new Map<string, Job>();
  const read = (workflow: Workflow) =>
    known.find((each) => each.workflow.id === workflow.id)?.jobs ?? api.jobsOf(workflow.id);
  for (const workflow of workflows)
    for (const job of await read(workflow)) if (hasEndedAfter(job, time)) jobs.set(job.id, job);
  const unknown = [...jobs.values()].filter(({ id }) => !findings.some(({ job }) => job.id === id));
  const all = [...findings, ...(await gatherFindings(api, unknown))];
  for (const { job, isCallback } of all) if (isCallback) jobs.delete(job.id);

  const repeated = workflows.filter(
    (workflow) => mayStillPass(workflow, earlier, time) && isRepeatedAfter(workflow, runs, time),
  );
  const open = jobs.size > 0 ? [...jobs.values()] : repeated;
  const unfinished = open.map(({ name }) => name);
  if (unfinished.length === 0) return null;

  for (const workflow of earlier) {
    const late = (await read(workflow)).filter((job) => hasEndedAfter(job, time));
    for (const job of late) if (await hasApproved(api, job, hold)) return null;
  }
  return { hold, unfinished };
}

function hasEndedAfter({ stopped_at: end }: Job, time: number): boolean {
  return end !== null && Date.parse(end) > time;
}

/** CircleCI itself has run it again, and only after that moment. */
function isRepeatedAfter(
  { name, auto_rerun_number: number }: Workflow,
  runs: readonly Workflow[],
  time: number,
) {
  return runs.some(
    (other) =>
      other.name === name && other.auto_rerun_number === number + 1 && Date.parse(other.created_at) >= time,
  );
}

/** Whether a job is the callback that approved the hold, as its note tells. */
async function hasApproved(api: CircleCi, job: Job, hold: Job): Promise<boolean> {
  if (job.job_number === null || job.type === "approval") return false;
  const artifacts = await api.artifactsOf(job.project_slug, job.job_number);
  const note = artifacts.find(({ path }) => path === callbackNoteArtifact);
  return (
    note !== undefined && parseCallbackNote(await api.download(note.url))?.approved.includes(hold.id) === true
  );
}
