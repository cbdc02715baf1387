import type { CircleCi } from "../circleci/client.ts";
import type { Artifact, Job } from "../circleci/schemas.ts";
import { callbackNoteArtifact, marks, parseCallbackNote } from "./callback-note.ts";
import { hasJobEnded, isFailure } from "./job-failure.ts";
import { outputArtifact } from "./outputs.ts";

/** What circleback's commands have left among the artifacts of one of the child's jobs. */
export interface JobFindings {
  readonly job: Job;
  /** The job called the parent back. */
  readonly isCallback: boolean;
  /** The job is about to call back, and has nothing else left to do. */
  readonly isCallingBack: boolean;
  /** A step before the one that calls back has failed. */
  readonly hasFailedBefore: boolean;
  /** The job is red for no other reason than that calling back failed. */
  readonly hasOnlyCallbackFailed: boolean;
  /** By their key. */
  readonly outputs: readonly { readonly key: string; readonly url: string }[];
}

const nothing = {
  isCallback: false,
  isCallingBack: false,
  hasFailedBefore: false,
  hasOnlyCallbackFailed: false,
  outputs: [],
};

/** So many jobs are asked at the same time. */
const width = 5;

export async function gatherFindings(api: CircleCi, jobs: readonly Job[]): Promise<readonly JobFindings[]> {
  const findings: JobFindings[] = [];
  for (let start = 0; start < jobs.length; start += width) {
    findings.push(...(await Promise.all(jobs.slice(start, start + width).map((job) => findIn(api, job)))));
  }
  return findings;
}

async function findIn(api: CircleCi, job: Job): Promise<JobFindings> {
  if (job.job_number === null || job.type === "approval") {
    return { job, ...nothing };
  }
  const artifacts = await api.artifactsOf(job.project_slug, job.job_number);
  const note = artifacts.find(({ path }) => path === callbackNoteArtifact);
  const hasMark = (name: string) => artifacts.some(({ path }) => path === `${marks.artifacts}/${name}`);
  return {
    job,
    isCallback: note !== undefined || hasMark(marks.begun),
    isCallingBack: !hasJobEnded(job.status) && hasMark(marks.begun),
    hasFailedBefore: hasMark(marks.failed),
    hasOnlyCallbackFailed:
      isFailure(job.status) &&
      // Without a note the job was cut short while it called back: its machine went away, or somebody cancelled it.
      (note === undefined ? hasMark(marks.begun) && !hasMark(marks.failed) : await isInnocent(api, note)),
    outputs: artifacts.flatMap(readOutput),
  };
}

async function isInnocent(api: CircleCi, { url }: Artifact): Promise<boolean> {
  const note = parseCallbackNote(await api.download(url));
  return note !== null && !note.ownStepsFailed && !note.hasCalledBack;
}

function readOutput({ path, url }: Artifact) {
  const [, key] = /([^/]+)\.json$/.exec(path) ?? [];
  return key !== undefined && path === outputArtifact(key) ? [{ key, url }] : [];
}
