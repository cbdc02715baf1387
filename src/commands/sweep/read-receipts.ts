import type { CircleCi } from "../../circleci/client.ts";
import { parseSlug } from "../../circleci/parameters.ts";
import type { Job } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { Unfit } from "../../orb/parameter.ts";
import { isReceiptArtifact } from "../../protocol/find-receipts.ts";
import { parseReceipt, type Receipt } from "../../protocol/receipt.ts";

interface FoundReceipts {
  readonly receipts: readonly Receipt[];
  /** False where a file is there that should be a receipt and is none: it may have been one for another version. */
  readonly isWhole: boolean;
}

/** Throws where a receipt is there that CircleCI does not hand out: nobody can say then what it asks for. */
export type ReadReceipts = (job: Job) => Promise<FoundReceipts>;

/**
 * Reads what receipts a job has left, once for each job, since a rerun keeps the jobs that it does not repeat.
 * Anybody who may push to the parent may leave a file there: one that is no good is told of, and is no receipt.
 */
export function createReceiptReader(api: CircleCi, host: Host): ReadReceipts {
  const known = new Map<string, FoundReceipts>();
  return async (job) => {
    const before = known.get(job.id);
    if (before !== undefined) return before;
    const receipts: Receipt[] = [];
    let isWhole = true;
    if (job.job_number !== null && job.type !== "approval") {
      const artifacts = await api.artifactsOf(job.project_slug, job.job_number);
      for (const { path, url } of artifacts.filter((each) => isReceiptArtifact(each.path))) {
        const where = `${path} of ${job.name} (${job.project_slug})`;
        const receipt = parse(await fetchText(api, url, where));
        if (typeof receipt !== "string") receipts.push(receipt);
        else host.log.warn(`${where} ${receipt}; it counts for nothing.`);
        isWhole &&= typeof receipt !== "string";
      }
    }
    const found = { receipts, isWhole };
    known.set(job.id, found);
    return found;
  };
}

async function fetchText(api: CircleCi, url: string, where: string): Promise<string> {
  try {
    return await api.download(url);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const { code, hints } = cause;
    const reason = cause.message.replace(/\.$/, "");
    throw new UserError(code, `${where} cannot be read (${reason}), so nothing is decided by it.`, {
      hints,
      cause,
    });
  }
}

/** The receipt, or what is wrong with it: it is about to be used in calls to the API. */
function parse(text: string): Receipt | string {
  const receipt = parseReceipt(text);
  if (receipt === null) return "is no receipt of this version of circleback";
  try {
    parseSlug(receipt.project);
  } catch (error) {
    if (error instanceof Unfit) return `names a child's project that ${error.message}`;
    throw error;
  }
  const { pipeline } = receipt;
  if (pipeline === null || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(pipeline.id)) return receipt;
  return `names no pipeline: "${pipeline.id}"`;
}
