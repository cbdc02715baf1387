import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { releaseFolder } from "./release-record.ts";

const optionalText = v.nullish(v.string(), null);

/** What other commands read of a release record, whichever command has written it. */
const Release = v.object({
  action: optionalText,
  dryRun: v.optional(v.boolean(), false),
  version: optionalText,
  image: optionalText,
  digest: optionalText,
  environment: optionalText,
  startedAt: optionalText,
  finishedAt: optionalText,
  hosts: v.optional(
    v.array(v.object({ result: v.string(), phase: v.optional(v.string(), ""), before: optionalText })),
    [],
  ),
});
export type Release = v.InferOutput<typeof Release>;

type Reader = Pick<Host, "files" | "log">;

/** The record of that name; with no name the newest there is, or null. Throws where one that is named is of no use. */
export async function readRelease(host: Reader, name: string): Promise<Release | null> {
  if (name !== "") return readNamed(host, `${releaseFolder}/${name}.json`);
  let newest: Release | null = null;
  for (const file of await host.files.list(releaseFolder)) {
    const path = `${releaseFolder}/${file}`;
    const release = parseRecord((await host.files.read(path)) ?? "");
    if (release === null) host.log.warn(`The release record ${path} cannot be read, and is left out.`);
    // What was only tried out was not delivered.
    else if (!release.dryRun && (release.finishedAt ?? "") >= (newest?.finishedAt ?? "")) newest = release;
  }
  return newest;
}

async function readNamed({ files }: Reader, path: string): Promise<Release> {
  const text = await files.read(path);
  if (text === null) {
    throw new UserError("release.not-found", `There is no release record ${path}.`, {
      hints: [
        "Attach the workspace before this step, and let the job that delivers be among those that this one requires.",
      ],
    });
  }
  const release = parseRecord(text);
  if (release === null) {
    throw new UserError("file.failed", `The release record ${path} is there, but cannot be read.`, {
      hints: ["Look which step has written to it: the commands that deliver replace it as a whole."],
    });
  }
  if (release.dryRun) {
    throw new UserError("release.not-found", `The release record ${path} is that of a dry run.`, {
      hints: ["Name the record of a job that delivers."],
    });
  }
  return release;
}

/**
 * How a deploy or a rollback ended, as its record has it. A deploy is undone where all that it had changed is as it
 * was before. Null: it is the record of a push or a promotion, which knows nothing of that.
 */
export type Standing = "deployed" | "rolled-back" | "undone" | "failed" | null;

export function judgeDelivery({ action, hosts }: Release): Standing {
  if (action !== "deploy" && action !== "rollback") return null;
  if (hosts.length > 0 && hosts.every(isWell)) return action === "deploy" ? "deployed" : "rolled-back";
  const isUndone = hosts.some(({ result }) => result === "rolled-back") && hosts.every(isAsBefore);
  // A rollback that went back again is none.
  return action === "deploy" && isUndone ? "undone" : "failed";
}

/** Where nothing had to be changed no step was begun; a host on which one failed before it changed anything names it. */
function isWell({ result, phase }: Release["hosts"][number]): boolean {
  if (result === "unchanged") return phase === "" || phase === "nothing";
  return result === "deployed" || result === "started";
}

function isAsBefore({ result }: Release["hosts"][number]): boolean {
  return [
    "rolled-back",
    "taken-down",
    "unchanged",
    "canceled",
    "refused",
    "absent",
    "unreachable",
    "not-started",
  ].includes(result);
}

/**
 * What runs after a rollback. The record of a deploy that did not get well names what it tried: then it is the version
 * before, of which no more is known. That of a push names what was to come.
 */
export function versionAfterRollback(release: Release): Pick<Release, "version" | "image" | "digest"> {
  if (release.action === "rollback" || release.action === "promote") return release;
  const host = release.hosts.find(({ result }) => result === "rolled-back");
  return { version: host?.before ?? null, image: null, digest: null };
}

function parseRecord(text: string): Release | null {
  try {
    return v.parse(Release, JSON.parse(text));
  } catch {
    return null;
  }
}
