import type { Files } from "../../host/host.ts";
import type { PlannedBuild } from "./docker.ts";

/** What circleback keeps in the working directory: in an image it would make another one of each build. */
const own = ".circleback";

/**
 * Does the work while Docker is told to leave circleback's own files out of the image. Which ignore file counts is a
 * matter of the builder, so each is changed, and put back in the end. Changed it is even where there is nothing to
 * leave out yet: the file may be in the image itself, and must be the same there each time.
 */
export async function withoutOwnFiles<T>(
  files: Files,
  { context, dockerfile }: Pick<PlannedBuild, "context" | "dockerfile">,
  work: () => Promise<T>,
): Promise<T> {
  if (context !== ".") return work(); // they are not in it
  const shared = ".dockerignore";
  const particular = `${dockerfile}.dockerignore`;
  const [ofAll, ofThis] = [await files.read(shared), await files.read(particular)];
  const before = [[shared, ofAll] as const, ...(ofThis === null ? [] : [[particular, ofThis] as const])];
  try {
    for (const [path, text] of before) await files.write(path, `${text ?? shared}\n${own}\n`);
    return await work();
  } finally {
    for (const [path, text] of before) await (text === null ? files.remove(path) : files.write(path, text));
  }
}
