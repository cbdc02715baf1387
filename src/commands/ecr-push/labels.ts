import type { CommitTime } from "../../delivery/commit-time.ts";
import type { Environment } from "../../host/host.ts";

export type Labels = Readonly<Record<string, string>>;

/**
 * What the OCI image specification keeps names for (annotations.md), as far as a job of CircleCI knows it. Nothing of
 * it is another in the next build of the same commit, or the same sources would make two images.
 */
export function standardLabels(env: Environment, version: string): Labels {
  const labels = {
    revision: env.CIRCLE_SHA1,
    source: env.CIRCLE_REPOSITORY_URL?.replace(/^(https?:\/\/)[^/]*@/, "$1"), // a token may stand there
    version,
  };
  const known = Object.entries(labels).filter(([, value]) => value);
  return Object.fromEntries(known.map(([key, value]) => [`org.opencontainers.image.${key}`, value ?? ""]));
}

/** That of the commit: the time of the build would be another each time. */
export function timeLabel(commitTime: CommitTime | null): Labels {
  return commitTime === null ? {} : { "org.opencontainers.image.created": commitTime.date };
}
