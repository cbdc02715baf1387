import type { CircleCi } from "../../circleci/client.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { persistedRoot } from "../../orb/persisted.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import type { JobFindings } from "../../protocol/job-findings.ts";
import { outputLimit, outputsFolder } from "../../protocol/outputs.ts";
import { exportOutputs, type Output, type Variable } from "./export-outputs.ts";

/**
 * Fetches what the child's jobs have set, writes it into `.circleback/outputs/<receipt>.json`, and exports each
 * value to the later steps of this job. Gives the variables, which no later receipt may have. Throws
 * `output.invalid` where two jobs disagree, and past 1 MB.
 */
export async function collectOutputs(
  api: CircleCi,
  host: Host,
  receipt: string,
  child: Child,
  findings: readonly JobFindings[],
  taken: readonly Variable[],
): Promise<readonly Variable[]> {
  const outputs = await fetchOutputs(api, child, findings);
  const { lines, variables, left } = exportOutputs(receipt, outputs, taken);
  const file = `${outputsFolder}/${receipt}.json`;
  const document = renderDocument(outputs);
  await host.files.write(file, document);
  await host.files.write(`${persistedRoot}/${file}`, document);
  if (lines !== "" && host.env.BASH_ENV) await host.files.append(host.env.BASH_ENV, lines);
  if (outputs.length > 0) {
    host.log.info(
      `Outputs of ${nameChild(child)}: ${[...variables.map(({ name }) => name), file].join(", ")}`,
    );
  }
  if (left.length > 0) {
    host.log.warn(`${left.join(", ")}: too large for the environment, or no text; to be found in ${file}.`);
  }
  return variables;
}

async function fetchOutputs(
  api: CircleCi,
  child: Child,
  findings: readonly JobFindings[],
): Promise<readonly Output[]> {
  const outputs = new Map<string, Output & { readonly job: string }>();
  let bytes = 0;
  for (const { job, outputs: found } of findings) {
    for (const { key, url } of found) {
      const json = (await api.download(url)).trim();
      bytes += Buffer.byteLength(json);
      if (bytes > outputLimit)
        throw refuse(`The outputs of ${nameChild(child)} are larger than ${outputLimit} bytes.`);
      if (!isJson(json)) throw refuse(`The output \`${key}\` of ${job.name} is no JSON.`);
      const other = outputs.get(key);
      if (other !== undefined && other.json !== json) {
        throw refuse(
          `${other.job} and ${job.name} of ${nameChild(child)} have set the output \`${key}\` to different values.`,
        );
      }
      outputs.set(key, { key, json, job: job.name });
    }
  }
  return [...outputs.values()];
}

/** Put together from the texts as they were written: read and written again, long numbers would change. */
function renderDocument(outputs: readonly Output[]): string {
  const members = outputs.map(({ key, json }) => `  ${JSON.stringify(key)}: ${json}`);
  return members.length === 0 ? "{}\n" : `{\n${members.join(",\n")}\n}\n`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function refuse(message: string): UserError {
  return new UserError("output.invalid", message, {
    hints: [
      "Set outputs with the set-output command, each key in one job, and small: a version or a URL, not a file.",
    ],
  });
}
