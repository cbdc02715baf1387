import { type DeployRecord, describeJob, writeLastRelease } from "../../delivery/release-record.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Markers } from "../../rollout/markers.ts";
import type { EcsInput } from "./definition.ts";
import type { Plan } from "./plan.ts";
import { describeLeft, explainLeft, type Progress } from "./progress.ts";
import type { Deployed } from "./roll-out.ts";

export interface End {
  readonly result: Deployed["result"] | "unchanged";
  /** Null where nothing was begun. */
  readonly progress: Progress | null;
  readonly error: unknown;
}

interface Setting {
  readonly input: EcsInput;
  readonly plan: Plan;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly conceal: (text: string) => string;
}

/** Keeps the record, tells CircleCI, and throws what went wrong, with how it leaves things. */
export async function endDeploy(host: Host, markers: Markers, setting: Setting, end: End): Promise<void> {
  const error = end.error === null ? null : explain(host, setting, end);
  const last = await writeLastRelease(host, setting.input.release, describeEnd(host, setting, end), error);
  const isCanceled = error instanceof UserError && error.code === "job.canceled";
  const reason = error instanceof UserError && !isCanceled ? error.message : "";
  await markers.end(error === null ? "SUCCESS" : isCanceled ? "CANCELED" : "FAILED", reason);
  if (last !== null) throw last;
}

function explain(host: Host, { conceal }: Setting, { error, progress }: End): unknown {
  if (host.canceled.aborted) {
    const left = progress === null ? "" : ` ${describeLeft(progress)}`;
    return new UserError("job.canceled", `This job was cancelled.${left}`);
  }
  if (!(error instanceof UserError)) return error;
  // What AWS says may repeat what it was given.
  const said = error.code.startsWith("aws.")
    ? new UserError(error.code, conceal(error.message), { hints: error.hints, cause: error.cause })
    : error;
  return progress === null ? said : explainLeft(said, progress);
}

function describeEnd(
  host: Host,
  { input, plan, startedAt }: Setting,
  { result, progress }: End,
): DeployRecord {
  const { image } = plan.draft;
  return {
    schema: 1,
    action: "deploy",
    dryRun: false,
    version: plan.version,
    image: image.now || null,
    digest: image.now.split("@")[1] ?? null,
    project: plan.service.serviceName,
    environment: input.environmentName,
    hosts: [
      {
        host: plan.name,
        result: host.canceled.aborted ? "canceled" : result,
        phase: progress?.phase ?? "nothing",
        release: progress?.revision ?? plan.before,
        before: plan.before,
      },
    ],
    ...describeJob(host.env),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(host.clock.now()).toISOString(),
  };
}
