import * as v from "valibot";
import type { Files } from "../host/host.ts";

const Schema = v.object({
  version: v.literal(1),
  ownStepsFailed: v.boolean(),
  /** The callback has done what it is there for: if the job fails all the same, that is not its fault. */
  hasCalledBack: v.optional(v.boolean(), false),
  /** Ids of the holds that the callback itself has approved: more than one where the parent was run again. */
  approved: v.optional(v.array(v.string()), []),
});

/**
 * What a callback leaves among the artifacts of its job, so that the parent can tell it from the child's own
 * jobs: a failure that is only the callback's is not the child's.
 */
export type CallbackNote = v.InferOutput<typeof Schema>;

export const callbackNotePath = ".circleback/callback.json";
export const callbackNoteArtifact = "circleback/callback/note.json";

/**
 * Files that exist, or do not, from before the callback's own step on: by them its siblings know a job that is
 * about to call back while it still runs, so that they do not wait for one another.
 */
export const marks = {
  folder: ".circleback/marks",
  artifacts: "circleback/marks",
  begun: "calls-back",
  failed: "job-failed",
} as const;

export async function writeCallbackNote(files: Files, note: CallbackNote): Promise<void> {
  await files.write(callbackNotePath, `${JSON.stringify(note)}\n`);
}

/** Null where the text is no such note of this version. */
export function parseCallbackNote(text: string): CallbackNote | null {
  try {
    return v.parse(Schema, JSON.parse(text));
  } catch {
    return null;
  }
}
