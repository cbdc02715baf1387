import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Files, Host } from "../host/host.ts";
import { releaseFolder } from "./release-record.ts";

/** A dry run has no image. */
const Known = v.object({ version: v.string(), image: v.string(), finishedAt: v.string() });

type KnownRelease = v.InferOutput<typeof Known>;

/** The images that jobs before this one have pushed, promoted or deployed, the newest first. */
async function findReleases(files: Files): Promise<readonly KnownRelease[]> {
  const names = await files.list(releaseFolder);
  const texts = await Promise.all(names.map((name) => files.read(`${releaseFolder}/${name}`)));
  const releases = texts.flatMap((text) => {
    try {
      const { success, output } = v.safeParse(Known, JSON.parse(text ?? ""));
      return success ? [output] : [];
    } catch {
      return [];
    }
  });
  return releases.sort((one, other) => other.finishedAt.localeCompare(one.finishedAt));
}

/** What tells an image from others: its digest, or all of its name where it has none. */
const identify = (image: string) => image.split("@")[1] ?? image;

/** The one image that the records speak of, or null where there is none. Throws where there are several. */
function onlyImage(releases: readonly KnownRelease[]): string | null {
  const byDigest = new Map(releases.map(({ image }) => [identify(image), image] as const));
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

/**
 * What is deployed: the image that is asked for or the only one that is known, empty where there is none, and what
 * people call it.
 */
export async function chooseRelease(
  { files, env }: Pick<Host, "files" | "env">,
  asked: { readonly image: string; readonly version: string },
): Promise<{ readonly image: string; readonly version: string }> {
  const releases = await findReleases(files);
  const image = asked.image || onlyImage(releases) || "";
  const known = releases.find((release) => identify(release.image) === identify(image));
  const version =
    asked.version || known?.version || env.CIRCLE_TAG || env.CIRCLE_SHA1?.slice(0, 12) || "unnamed";
  return { image, version: version.replaceAll(/[^\w.+-]/g, "-") };
}
