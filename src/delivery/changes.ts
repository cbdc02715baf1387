import type { Ecr, EcrImage } from "../aws/ecr.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** What a run has changed in a repository by now: tags, and what became of them. */
export type Changes = Map<string, "may be pushed" | "is pushed" | "may be moved" | "is moved">;

/** Does some work. Where it ends early, by an error or a cancel, the log says what it had changed by then. */
export async function tellChanges(host: Host, work: (changes: Changes) => Promise<void>): Promise<void> {
  const changes: Changes = new Map();
  try {
    await work(changes);
  } catch (error) {
    const done = [...changes].map(([tag, change]) => `\`${tag}\` ${change}`);
    if (done.length > 0) host.log.warn(`This ends early, but ${done.join(", ")}.`);
    throw error;
  }
}

export interface TagMove {
  readonly repository: string;
  /** What the image is called in the log: its version. */
  readonly from: string;
  readonly image: EcrImage;
  readonly to: string;
  /** Where the tag is before. */
  readonly now: EcrImage | null;
}

/** Moves a tag, once the log says where it was: nothing else may keep that where the job ends here. */
export async function moveTag(
  host: Host,
  ecr: Ecr,
  changes: Changes,
  { repository, from, image, to, now }: TagMove,
): Promise<void> {
  host.canceled.throwIfAborted();
  host.log.info(
    `Tagging \`${from}\` (${image.digest}) of ${repository} as \`${to}\`, which is ${now?.digest ?? "no image"} now.`,
  );
  changes.set(to, "may be moved");
  try {
    await ecr.tagImage(image, to);
  } catch (error) {
    if (error instanceof UserError && error.code === "image.conflict") changes.delete(to);
    throw error;
  }
  changes.set(to, "is moved");
}
