import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunStep } from "../compiler/compiled-config.ts";
import { aimAtHost, buildArgv, findOversized } from "./command-line.ts";
import { isFolder } from "./file-tree.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import { type ProcessEnd, ProcessGroup } from "./process-group.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

export type RunResult = "success" | "failed" | "timedout" | "infrastructure_fail" | "canceled";

/** Runs a command to its end, again when it fails and may be repeated. Each attempt is a step in the job's record. */
export async function runStep(context: NodeContext, step: RunStep): Promise<RunResult> {
  for (let attempt = 0; ; attempt++) {
    const result = await runOnce(context, step);
    if (result !== "failed" || attempt >= step.maxAutoReruns) return result;
    await waitFor(context, step.autoRerunDelay);
    if (context.canceled.aborted) return "canceled";
  }
}

async function runOnce(context: NodeContext, step: RunStep): Promise<RunResult> {
  const log = context.openLog(step.name);
  let group: ProcessGroup;
  try {
    group = await startCommand(context, step, log);
  } catch (error) {
    log.line(error instanceof Error ? error.message : String(error));
    log.end("failed", null);
    return error instanceof StepFailure ? "failed" : "infrastructure_fail";
  }
  if (!step.background) return follow(context, step, group, log);
  context.background.add(log);
  void group.ended.then((end) => conclude(end, null, log));
  return "success";
}

async function startCommand(context: NodeContext, step: RunStep, log: StepLog): Promise<ProcessGroup> {
  const shell = step.shell ?? context.assignment.definition.shell ?? defaultShell();
  const argv = buildArgv(shell, aimAtHost(step.command, context.host));
  const environment = { ...context.environment, ...step.environment };
  const oversized = findOversized(argv, environment);
  if (oversized !== null) throw new StepFailure(`${argv[0]}: argument list too long (${oversized})`);

  const directory = resolveInJob(context.folder, step.workingDirectory ?? ".");
  if (!(await isFolder(directory))) throw new StepFailure(`chdir ${directory}: no such file or directory`);

  const group = await ProcessGroup.start({
    argv,
    directory,
    environment,
    pipe: join(context.folder.pipes, randomUUID()),
    clock: context.clock,
    onOutput: (text) => log.write(text),
  });
  context.groups.add(group);
  context.killed.addEventListener("abort", () => group.kill());
  if (context.killed.aborted) group.kill();
  return group;
}

async function follow(
  context: NodeContext,
  step: RunStep,
  group: ProcessGroup,
  log: StepLog,
): Promise<RunResult> {
  let stopped: "timedout" | "canceled" | null = null;
  const stop = (reason: "timedout" | "canceled") => {
    stopped ??= reason;
    group.terminate();
  };
  const onCancel = () => stop("canceled");
  context.canceled.addEventListener("abort", onCancel);
  if (context.canceled.aborted) onCancel();
  const endWatch = watchSilence(context, step, log, () => stop("timedout"));
  const end = await group.ended;
  endWatch();
  context.canceled.removeEventListener("abort", onCancel);
  return conclude(end, stopped, log);
}

function conclude(end: ProcessEnd, stopped: "timedout" | "canceled" | null, log: StepLog): RunResult {
  if (end.kind === "not-started") {
    log.line(end.message);
    log.end("failed", null);
    return end.code === "E2BIG" ? "failed" : "infrastructure_fail";
  }
  const status = stopped ?? (end.exitCode === 0 ? "success" : "failed");
  log.end(status, end.exitCode);
  return status;
}

/** Calls `onSilence` once the step has printed nothing for as long as it may. The answer ends the watch. */
function watchSilence(context: NodeContext, step: RunStep, log: StepLog, onSilence: () => void): () => void {
  const wait = (delay: number): (() => void) => context.clock.after(delay, check);
  const check = () => {
    const rest = log.lastWrite + step.noOutputTimeout - context.clock.now();
    if (rest > 0) {
      callOff = wait(rest);
      return;
    }
    log.line(
      `Too long with no output (exceeded ${formatDuration(step.noOutputTimeout)}): context deadline exceeded`,
    );
    onSilence();
  };
  let callOff = wait(step.noOutputTimeout);
  return () => callOff();
}

/** As Go prints durations: `10m0s`, `1h15m0s`, `30s`, `1.5s`. */
export function formatDuration(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = (milliseconds % 60_000) / 1000;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}

function waitFor(context: NodeContext, delay: number): Promise<void> {
  return new Promise((resolve) => {
    const callOff = context.clock.after(delay, resolve);
    const onCancel = () => {
      callOff();
      resolve();
    };
    context.canceled.addEventListener("abort", onCancel, { once: true });
    if (context.canceled.aborted) onCancel();
  });
}

/** configuration-reference.adoc, default shell options. */
function defaultShell(): string {
  return existsSync("/bin/bash") ? "/bin/bash -eo pipefail" : "/bin/sh -eo pipefail";
}
