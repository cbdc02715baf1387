import * as v from "valibot";
import type { Files } from "../host/host.ts";
import { releaseFolder } from "./release-record.ts";

const Earlier = v.object({
  repository: v.string(),
  digest: v.string(),
  previous: v.record(v.string(), v.string()),
});

/** What the record of that name, which a run before this one has left, says that these tags had before that image. */
export async function readPrevious(
  files: Files,
  name: string,
  image: { readonly repository: string; readonly digest: string; readonly tags: readonly string[] },
): Promise<Readonly<Record<string, string>>> {
  try {
    const text = await files.read(`${releaseFolder}/${name}.json`);
    const { repository, digest, previous } = v.parse(Earlier, JSON.parse(text ?? ""));
    if (repository !== image.repository || digest !== image.digest) return {};
    return Object.fromEntries(Object.entries(previous).filter(([tag]) => image.tags.includes(tag)));
  } catch {
    return {};
  }
}
