import type { Host } from "../host/host.ts";

/**
 * The time of what an image is made of, in seconds since 1970: unlike that of the build it is the same when the build
 * runs again. SOURCE_DATE_EPOCH where the job has it (reproducible-builds.org), else that of the commit; null where
 * neither is known.
 */
export async function readCommitTime({ env, exec, canceled }: Host): Promise<number | null> {
  const given = readSeconds(env.SOURCE_DATE_EPOCH ?? "");
  if (given !== null) return given;
  const [commit = "HEAD"] = /^[0-9a-f]{40,64}$/.exec(env.CIRCLE_SHA1 ?? "") ?? [];
  const argv = ["git", "show", "--no-patch", "--no-show-signature", "--format=%ct", commit] as const;
  const result = await exec(argv, { env, signal: canceled });
  canceled.throwIfAborted();
  return result?.exitCode === 0 ? readSeconds(result.stdout.trim()) : null;
}

function readSeconds(text: string): number | null {
  return /^\d{1,11}$/.test(text) ? Number(text) : null;
}
