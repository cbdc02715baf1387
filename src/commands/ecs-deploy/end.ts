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
  const isCanceled = error instanceof UserError && error.code === "job.canceled";
  const result = isCanceled ? "canceled" : end.result;
  const record = describeEnd(host, setting, { ...end, result });
  const last = await writeLastRelease(host, setting.input.release, record, error);
  const reason = error instanceof UserError && !isCanceled ? error.message : "";
  await markers.end(error === null ? "SUCCESS" : isCanceled ? "CANCELED" : "FAILED", reason);
  if (last !== null) throw last;
}

function explain(host: Host, { conceal }: Setting, { error, progress }: End): unknown {
  // What was decided before the job was cancelled stays so: a cancelled call throws no UserError.
  if (host.canceled.aborted && !(error instanceof UserError)) {
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
  { result, progress }: Omit<End, "result"> & { readonly result: End["result"] | "canceled" },
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
        result,
        phase: progress?.phase ?? "nothing",
        release: progress?.revision ?? plan.now,
        before: plan.before || null,
      },
    ],
    ...describeJob(host.env),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(host.clock.now()).toISOString(),
  };
}
