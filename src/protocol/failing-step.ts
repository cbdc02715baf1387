import { stripVTControlCharacters } from "node:util";
import * as v from "valibot";
import type { CircleCi } from "../circleci/client.ts";
import { type Job, StepOutput } from "../circleci/schemas.ts";
import { isOwnFailure } from "./job-failure.ts";

/** So many lines of a failing step are worth repeating in another pipeline's log, and so much of each. */
const most = 12;
const widest = 500;

/**
 * The last lines of the step that failed a job, from API v1.1, the only one that has them. Empty where that
 * does not know the job, as with GitHub App projects: a help for the reader, never a reason to fail.
 */
export async function readFailingStep(api: CircleCi, job: Job): Promise<readonly string[]> {
  // Whatever else ends a job does so from outside: no step tells why.
  if (job.job_number === null || !isOwnFailure(job.status)) return [];
  try {
    const { steps } = await api.jobDetail(job.project_slug, job.job_number);
    const failing = steps.flatMap(({ name, actions }) =>
      actions.flatMap(({ status, output_url: url }) =>
        isOwnFailure(status) && url !== null ? [{ name, url }] : [],
      ),
    );
    const [first] = failing;
    if (first === undefined) return [];
    const output = v.parse(StepOutput, JSON.parse(await api.download(first.url)));
    const lines = output.flatMap(({ message }) => message.trimEnd().split(/\r?\n/).map(plain));
    return [`${job.name}, step "${first.name}":`, ...lines.slice(-most).map((line) => `  | ${line}`)];
  } catch {
    return [];
  }
}

/** Without colours, which would go on behind the last line, and what a progress bar has written last. */
function plain(line: string): string {
  const last = line.slice(line.lastIndexOf("\r") + 1);
  const text = stripVTControlCharacters(last).replace(/[^\P{Cc}\t]/gu, "");
  return text.length > widest ? `${text.slice(0, widest)}…` : text;
}
