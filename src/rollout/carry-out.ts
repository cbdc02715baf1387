import { type DeployRecord, describeJob, writeLastRelease } from "../delivery/release-record.ts";
import { UserError } from "../errors.ts";
import { hideValues } from "../host/hide-values.ts";
import type { Host } from "../host/host.ts";
import type { SshInput } from "../ssh/connect.ts";
import { showTarget, type Target } from "../ssh/target.ts";
import type { BatchSize } from "./batches.ts";
import { openMarkers } from "./markers.ts";
import { explainFailures, isFailure, type Outcome } from "./outcome.ts";
import { rollOut } from "./roll-out.ts";
import { type RegistryLogin, showScript, type Transaction } from "./script.ts";

export interface Assignment {
  readonly targets: readonly Target[];
  readonly branch: string | null;
  readonly batch: BatchSize;
  readonly ssh: SshInput;
  readonly transaction: Transaction;
  /** Called once, right before the first connection. */
  readonly login: () => Promise<RegistryLogin | null>;
  readonly requireHost: boolean;
  readonly dryRun: boolean;
  readonly environmentName: string;
  /** Name of the release record. */
  readonly release: string;
}

/** Has all hosts of the branch do the transaction, and keeps records of it. Throws where not every host has done it. */
export async function carryOut(host: Host, assignment: Assignment): Promise<void> {
  const { targets, branch, transaction } = assignment;
  hideValues(host, [...transaction.runOnce.secrets, ...transaction.probeUrl.secrets]);
  if (targets.length === 0) {
    if (!assignment.requireHost) {
      return host.log.info(
        `No line of \`hosts\` is for ${branch ?? "a build without a branch"}: there is nothing to do.`,
      );
    }
    throw new UserError(
      "host.not-found",
      `No line of \`hosts\` is for ${branch ?? "a build without a branch"}.`,
      {
        hints: ["Add a line for it, or one for `*` at the end."],
      },
    );
  }
  host.log.info(`Hosts: ${targets.map(showTarget).join(", ")}`);
  if (transaction.image !== "") host.log.info(`Image: ${transaction.image}`);
  if (assignment.dryRun) {
    host.log.info("Dry run: each host would get this script.");
    host.log.info(showScript(transaction));
    return;
  }
  const startedAt = host.clock.now();
  const registry = await assignment.login();
  const markers = openMarkers(host, {
    name: assignment.release,
    environment: assignment.environmentName,
    component: transaction.project,
    version: transaction.version || transaction.want || "previous",
    isRollback: transaction.mode === "rollback",
  });
  await markers.plan();
  let unkept: UserError | null = null;
  try {
    const outcomes = await rollOut(host, { ...assignment, transaction: { ...transaction, registry } });
    const failure = judge(host, outcomes, transaction);
    const record = describeOutcomes(host, assignment, outcomes, startedAt);
    unkept = await writeLastRelease(host, assignment.release, record, failure);
    if (failure !== null) throw failure;
  } catch (error) {
    if (host.canceled.aborted) await markers.end("CANCELED", "");
    else await markers.end("FAILED", error instanceof Error ? error.message : "");
    throw error;
  }
  await markers.end("SUCCESS", "");
  if (unkept !== null) throw unkept;
}

function judge(host: Host, outcomes: readonly Outcome[], transaction: Transaction): UserError | null {
  if (!outcomes.some(isFailure)) return null;
  const error = explainFailures(outcomes, transaction);
  if (!host.canceled.aborted) return error;
  return new UserError("job.canceled", `This job was cancelled.\n${error.message}`, { hints: error.hints });
}

function describeOutcomes(
  host: Host,
  { transaction, environmentName }: Assignment,
  outcomes: readonly Outcome[],
  startedAt: number,
): DeployRecord {
  const known = outcomes.find(({ now }) => now !== "");
  const image = known?.image || transaction.image;
  return {
    schema: 1,
    action: transaction.mode,
    dryRun: false,
    version: known?.now ?? transaction.version,
    image: image || null,
    digest: image.split("@")[1] ?? null,
    project: transaction.project,
    environment: environmentName,
    hosts: outcomes.map(({ target, result, phase, release: id, before }) => ({
      host: showTarget(target),
      result,
      phase,
      release: id,
      before: before || null,
    })),
    ...describeJob(host.env),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(host.clock.now()).toISOString(),
  };
}
