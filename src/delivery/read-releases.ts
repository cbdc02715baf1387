import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Files } from "../host/host.ts";
import { releaseFolder } from "./release-record.ts";

const optionalText = v.nullish(v.string(), null);

/** What other commands read of a release record, whichever command has written it. */
const Release = v.object({
  action: optionalText,
  /** What was only tried out was not delivered. */
  dryRun: v.optional(v.literal(false), false),
  version: optionalText,
  image: optionalText,
  digest: optionalText,
  environment: optionalText,
  startedAt: optionalText,
  finishedAt: optionalText,
  hosts: v.optional(v.array(v.object({ result: v.string(), before: optionalText })), []),
});
export type Release = v.InferOutput<typeof Release>;

/** The record of that name; with no name the newest there is, or null. Throws where one that is named is missing. */
export async function readRelease(files: Files, name: string): Promise<Release | null> {
  if (name !== "") {
    const release = await readRecord(files, `${name}.json`);
    if (release !== null) return release;
    throw new UserError("release.not-found", `There is no release record ${releaseFolder}/${name}.json.`, {
      hints: [
        "Attach the workspace before this step, and let the job that delivers be among those that this one requires.",
      ],
    });
  }
  let newest: Release | null = null;
  for (const file of await files.list(releaseFolder)) {
    const release = await readRecord(files, file);
    if (release !== null && (release.finishedAt ?? "") >= (newest?.finishedAt ?? "")) newest = release;
  }
  return newest;
}

/**
 * What runs after a rollback. The record of a deploy that did not get well names what it tried: then it is the version
 * before, of which no more is known.
 */
export function versionAfterRollback(release: Release): Pick<Release, "version" | "image" | "digest"> {
  if (release.action !== "deploy") return release;
  const host = release.hosts.find(({ result }) => result === "rolled-back");
  return { version: host?.before ?? null, image: null, digest: null };
}

async function readRecord(files: Files, file: string): Promise<Release | null> {
  const text = await files.read(`${releaseFolder}/${file}`);
  try {
    return v.parse(Release, JSON.parse(text ?? ""));
  } catch {
    return null;
  }
}
