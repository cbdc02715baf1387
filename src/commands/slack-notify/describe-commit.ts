import type { Host } from "../../host/host.ts";

export interface CommitWords {
  readonly author: string;
  readonly subject: string;
}

/** Who made the commit, and the first line of what he wrote; null in a job without a checkout, or without git. */
export async function describeCommit(host: Host): Promise<CommitWords | null> {
  const head = await host.files.read(".git/HEAD").catch(() => null);
  if (head === null) return null;
  const argv = ["git", "log", "-1", "--format=%an%n%s", "HEAD"] as const;
  const result = await host.exec(argv, { env: host.env, signal: host.canceled });
  const [author, subject] = (result?.exitCode === 0 ? result.stdout : "").split("\n");
  return author && subject ? { author, subject } : null;
}
