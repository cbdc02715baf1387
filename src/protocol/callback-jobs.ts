import type { CircleCi } from "../circleci/client.ts";
import type { Job } from "../circleci/schemas.ts";
import { callbackNotePath, marks } from "./callback-note.ts";
import { callbackSign, splitJobs } from "./compiled-jobs.ts";
import type { JobFindings } from "./job-findings.ts";

/** Ends of a job that may never have begun, and so could leave nothing that tells what it was for. */
const silentEnds = ["unauthorized", "infrastructure_fail", "canceled"];

/**
 * The jobs that failed in nothing but calling back: by what they have left or, where they never began, by the
 * child's configuration, which is asked for only then.
 */
export async function findFailedCallbacks(
  api: CircleCi,
  pipelineId: string,
  findings: readonly JobFindings[],
): Promise<readonly Job[]> {
  const silent = findings.filter(({ job, isCallback }) => silentEnds.includes(job.status) && !isCallback);
  const names = silent.length === 0 ? [] : listCallbackJobs(await api.configOf(pipelineId));
  return findings
    .filter((each) => each.hasOnlyCallbackFailed || (silent.includes(each) && names.includes(each.job.name)))
    .map(({ job }) => job);
}

/** By one of these a step of a compiled configuration is known as one of the callback's. */
const signs = [`${callbackSign}:`, marks.folder, callbackNotePath];

/** Names of the jobs of a compiled configuration that call back and do nothing else. Whatever looks different is taken for a job of the child's own. */
export function listCallbackJobs(config: string): readonly string[] {
  return splitJobs(config).flatMap(({ name, text }) => {
    const [, list = ""] = /^ {4}steps:\n((?:(?: {4}[- ].*)?\n)*)/m.exec(text) ?? [];
    const steps = list.split(/^(?= {4}- )/m).filter((step) => step.trim() !== "");
    const isCallback =
      steps.some((step) => step.includes(`${callbackSign}:`)) &&
      steps.every((step) => signs.some((sign) => step.includes(sign)));
    return isCallback ? [name] : [];
  });
}
