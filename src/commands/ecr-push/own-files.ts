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
  let isAside = false;
  const putBack = async () => {
    // It may be a link, and a move that failed may have taken a part of it.
    if (isAside || (await files.list(folder)).length > 0) await files.move(aside, own);
    await files.removeFolder(folder);
  };
  try {
    await files.move(own, aside);
    isAside = true;
    return await work();
  } finally {
    // What goes wrong here must not hide what went wrong before.
    await putBack().catch((error: unknown) => {
      log.warn(`${own} was moved to ${aside}, and cannot be put back: ${String(error)}`);
    });
  }
}
