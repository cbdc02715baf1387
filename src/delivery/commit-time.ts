import type { Environment, Host } from "../host/host.ts";

/**
 * The time of what an image is made of: unlike that of the build it is the same when the build runs again.
 */
export interface CommitTime {
  /** Seconds since 1970. */
  readonly epoch: string;
  /** The same, as ISO 8601 writes it. */
  readonly date: string;
}

/** What SOURCE_DATE_EPOCH says (reproducible-builds.org), else the time of the commit; null where neither is known. */
export async function readCommitTime({ env, exec, canceled }: Host): Promise<CommitTime | null> {
  const given = givenCommitTime(env);
  if (given !== null) return given;
  const result = await exec(commitTimeArgv(env), { env, signal: canceled });
  canceled.throwIfAborted();
  return result?.exitCode === 0 ? parseSeconds(result.stdout.trim()) : null;
}

export function givenCommitTime(env: Environment): CommitTime | null {
  return parseSeconds(env.SOURCE_DATE_EPOCH ?? "");
}

export function commitTimeArgv(env: Environment): readonly [string, ...string[]] {
  const [commit = "HEAD"] = /^[0-9a-f]{40,64}$/.exec(env.CIRCLE_SHA1 ?? "") ?? [];
  return ["git", "show", "--no-patch", "--no-show-signature", "--format=%ct", commit];
}

function parseSeconds(text: string): CommitTime | null {
  if (!/^\d{1,11}$/.test(text)) return null;
  const seconds = Number(text);
  return { epoch: String(seconds), date: new Date(seconds * 1000).toISOString() };
}
