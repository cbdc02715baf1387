import type { CommitTime } from "../../delivery/commit-time.ts";
import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";

export type Labels = Readonly<Record<string, string>>;

/** Lines `key=value`. Throws `Unfit`. */
export function parseLabels(text: string, env: Environment): Labels {
  const labels: Record<string, string> = {};
  for (const line of readLines(text)) {
    const [, key, value = ""] = /^([A-Za-z0-9][\w./-]*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === undefined) {
      throw new Unfit(`has a line that is not key=value: "${line}"`, {
        hints: ["Write one key=value a line, such as org.opencontainers.image.title=API."],
      });
    }
    if (Object.hasOwn(labels, key)) {
      throw new Unfit(`gives ${key} twice`, { hints: ["Keep one of the two."] });
    }
    labels[key] = fillVariables(value, env);
  }
  return labels;
}

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
