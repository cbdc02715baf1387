import type { CircleCi } from "../../circleci/client.ts";
import { parseSlug } from "../../circleci/parameters.ts";
import type { Artifact, Job } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { Unfit } from "../../orb/parameter.ts";
import { isReceiptArtifact } from "../../protocol/find-receipts.ts";
import { parseReceipt, type Receipt } from "../../protocol/receipt.ts";

export type ReadReceipts = (job: Job) => Promise<readonly Receipt[]>;

/**
 * Reads what receipts a job has left, once for each job, since a rerun keeps the jobs that it does not repeat.
 * Anybody who may push to the parent may leave a file there: one that is no good is told of, and is no receipt.
 */
export function createReceiptReader(api: CircleCi, host: Host): ReadReceipts {
  const known = new Map<string, readonly Receipt[]>();
  return async (job) => {
    const before = known.get(job.id);
    if (before !== undefined) return before;
    const receipts: Receipt[] = [];
    if (job.job_number !== null && job.type !== "approval") {
      const artifacts = await api.artifactsOf(job.project_slug, job.job_number);
      for (const artifact of artifacts.filter(({ path }) => isReceiptArtifact(path))) {
        const receipt = await readOne(api, artifact);
        if (typeof receipt !== "string") receipts.push(receipt);
        else
          host.log.warn(
            `${artifact.path} of ${job.name} (${job.project_slug}) ${receipt}; it counts for nothing.`,
          );
      }
    }
    known.set(job.id, receipts);
    return receipts;
  };
}

/** The receipt, or what is wrong with it: it is about to be used in calls to the API. */
async function readOne(api: CircleCi, { url }: Artifact): Promise<Receipt | string> {
  try {
    const receipt = parseReceipt(await api.download(url));
    if (receipt === null) return "is no receipt of this version of circleback";
    parseSlug(receipt.project);
    const { pipeline } = receipt;
    if (pipeline === null || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(pipeline.id)) return receipt;
    return `names no pipeline: "${pipeline.id}"`;
  } catch (error) {
    if (error instanceof UserError) return `cannot be read (${error.message})`;
    if (error instanceof Unfit) return `names a child's project that ${error.message}`;
    throw error;
  }
}
