import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Files } from "../host/host.ts";

const Schema = v.object({
  version: v.literal(1),
  receipt: v.string(),
  /** The child's project. */
  project: v.string(),
  /** The one that was chosen; empty: the project's default branch. */
  branch: v.string(),
  tag: v.string(),
  nonce: v.string(),
  /** Hash of the whole request: tells a step that is run again from another one of the same name. */
  request: v.string(),
  /** The ticket that was sent along; empty: none. */
  ticket: v.string(),
  /** When the request was sent, in milliseconds since 1970. */
  sentAt: v.number(),
  /** Name of the hold; empty where the parent polls. */
  hold: v.string(),
  /** Cancel the child where the parent is cancelled. */
  cancelChild: v.boolean(),
  parent: v.object({
    project: v.string(),
    pipelineId: v.string(),
    workflowId: v.string(),
    workspaceId: v.string(),
  }),
  /** Null from the moment before the request is sent until the service has said which pipeline it made. */
  pipeline: v.nullish(v.object({ id: v.string(), number: v.number(), url: v.string() }), null),
});

/** What the parent keeps about one trigger. */
export type Receipt = v.InferOutput<typeof Schema>;

/** Relative to the job's working directory. */
export const receiptFolder = ".circleback/receipts";

/** Relative to the job's working directory; in the orb, the workspace and the artifact carry the same file. */
export function receiptPath(name: string): string {
  return `${receiptFolder}/${name}.json`;
}

export async function writeReceipt(files: Files, receipt: Receipt): Promise<void> {
  await files.write(receiptPath(receipt.receipt), `${JSON.stringify(receipt, null, 2)}\n`);
}

/** Where the receipt lies among the artifacts of the job that triggered. */
export function receiptArtifact(name: string): string {
  return `circleback/${name}.json`;
}

/** Null where the text is no receipt of this version. */
export function parseReceipt(text: string): Receipt | null {
  try {
    return v.parse(Schema, JSON.parse(text));
  } catch {
    return null;
  }
}

/** Null where there is none. Throws `receipt.invalid` for a file that is no receipt. */
export async function readReceipt(files: Files, name: string): Promise<Receipt | null> {
  const text = await files.read(receiptPath(name));
  if (text === null) return null;
  const receipt = parseReceipt(text);
  if (receipt !== null) return receipt;
  throw new UserError(
    "receipt.invalid",
    `${receiptPath(name)} is no receipt of this version of circleback.`,
    {
      hints: ["Use the same version of the orb in all jobs of a workflow, and leave `.circleback` to it."],
    },
  );
}
