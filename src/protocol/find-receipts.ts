import type { CircleCi } from "../circleci/client.ts";
import type { Job } from "../circleci/schemas.ts";
import { parseReceipt, type Receipt, receiptArtifact } from "./receipt.ts";

/** The receipts that a job has left among its artifacts; with a name, only that one. Not those of outputs and callbacks. */
export async function findReceipts(
  api: CircleCi,
  job: Job,
  name: string | null,
): Promise<readonly Receipt[]> {
  if (job.job_number === null) return [];
  const artifacts = await api.artifactsOf(job.project_slug, job.job_number);
  const wanted = artifacts.filter(({ path }) =>
    name === null ? isReceiptArtifact(path) : path === receiptArtifact(name),
  );
  const receipts: Receipt[] = [];
  for (const { url } of wanted) {
    const receipt = parseReceipt(await api.download(url));
    if (receipt !== null) receipts.push(receipt);
  }
  return receipts;
}

export function isReceiptArtifact(path: string): boolean {
  return /^circleback\/[^/]+\.json$/.test(path);
}
