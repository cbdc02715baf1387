import { signingSecret, token } from "../play.ts";
import { type Findings, nameJob } from "./findings.ts";
import type { Violation } from "./violation.ts";

/** No command may take that long, in milliseconds: every wait in a world has a shorter limit. */
const longestRun = 2 * 60 * 60 * 1000;

/** The service ends a step that prints nothing for ten minutes. */
const longestSilence = 10 * 60 * 1000;

/** No crash, no leak, no end that does not come. */
export function findInsanity(record: Findings): readonly Violation[] {
  const { play } = record;
  const sentences = play.commandRuns.flatMap(({ jobId, command, output, end, startedAt }) => {
    const job = record.job(jobId);
    const where = `${command} in ${nameJob(job)}`;
    const isCutShort = play.runner.lostJobs.has(jobId) || job.status === "canceled";
    return [
      ...(end?.exitCode === 70
        ? [`${where} crashed: ${output.trim().split("\n").slice(-12).join(" | ")}`]
        : []),
      ...(output.includes(token) || output.includes(signingSecret) ? [`${where} has printed a secret.`] : []),
      ...(end === null && !isCutShort ? [`${where} has no end.`] : []),
      ...(end !== null && end.at - startedAt > longestRun
        ? [`${where} took ${(end.at - startedAt) / 60_000} minutes.`]
        : []),
    ];
  });
  const silence = play.runner.longestSilence;
  if (silence >= longestSilence) sentences.push(`A command printed nothing for ${silence / 60_000} minutes.`);
  return [...sentences, ...play.defects].map((sentence) => ({ rule: "sanity", sentence }));
}
