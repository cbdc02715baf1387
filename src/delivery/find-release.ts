import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Files } from "../host/host.ts";
import { releaseFolder } from "./release-record.ts";

const Known = v.object({ version: v.string(), image: v.string(), finishedAt: v.string() });

export type KnownRelease = v.InferOutput<typeof Known>;

/** The images that jobs before this one have pushed, promoted or deployed, the newest first. */
export async function findReleases(files: Files): Promise<readonly KnownRelease[]> {
  const names = await files.list(releaseFolder);
  const texts = await Promise.all(names.map((name) => files.read(`${releaseFolder}/${name}`)));
  const releases = texts.flatMap((text) => {
    try {
      return [v.parse(Known, JSON.parse(text ?? ""))];
    } catch {
      return []; // a dry run has no image
    }
  });
  return releases.sort((one, other) => other.finishedAt.localeCompare(one.finishedAt));
}

/** The one image that the records speak of, or null where there is none. Throws where there are several. */
export function onlyImage(releases: readonly KnownRelease[]): string | null {
  const byDigest = new Map(releases.map(({ image }) => [image.split("@")[1] ?? image, image] as const));
  const images = [...byDigest.values()];
  if (images.length <= 1) return releases[0]?.image ?? null;
  throw new UserError(
    "parameter.invalid",
    `The release records of this workflow name ${images.length} images: ${images.join(", ")}.`,
    {
      hints: ["Say in `image` which of them is meant."],
    },
  );
}
