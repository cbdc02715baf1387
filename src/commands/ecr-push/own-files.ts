import type { Host } from "../../host/host.ts";

/** What circleback keeps in the working directory: in an image it would make another one of each build. */
const own = ".circleback";

/**
 * Does the work while circleback's own files are out of the way. No ignore file is needed for that: it would be the
 * user's, and which one counts is a matter of the builder.
 */
export async function withoutOwnFiles<T>(
  { files, log }: Pick<Host, "files" | "log">,
  work: () => Promise<T>,
): Promise<T> {
  if ((await files.list(own)).length === 0) return work();
  const folder = await files.makePrivateFolder();
  const aside = `${folder}/own`;
  const putBack = async () => {
    if ((await files.list(aside)).length > 0) await files.move(aside, own);
    await files.removeFolder(folder);
  };
  try {
    await files.move(own, aside);
    return await work();
  } finally {
    // What goes wrong here must not hide what went wrong before.
    await putBack().catch((error: unknown) => {
      log.warn(`${own} is in ${aside} now, and cannot be put back: ${String(error)}`);
    });
  }
}
