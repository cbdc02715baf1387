import { findLogStream, readLastLines } from "../../aws/container-log.ts";
import type { CredentialStore } from "../../aws/credentials.ts";
import type { Ecs } from "../../aws/ecs.ts";
import type { Container, Task } from "../../aws/ecs-shapes.ts";
import type { Host } from "../../host/host.ts";

export interface Looker {
  readonly ecs: Ecs;
  readonly credentials: CredentialStore;
  readonly containers: readonly Container[];
  readonly conceal: (text: string) => string;
}

const mostTasks = 3;
const mostLines = 20;

/** Why tasks of the deployment stopped. What cannot be looked at, as in a cancelled job, is only mentioned: it must not hide the failure. */
export async function showStoppedTasks(host: Host, looker: Looker, deployment: string): Promise<void> {
  try {
    const stopped = await looker.ecs.findStoppedTasks();
    const own = stopped.filter(({ startedBy }) => startedBy === deployment);
    if (own.length === 0) return host.log.info("ECS knows no stopped task of this deployment.");
    for (const task of own.slice(0, mostTasks)) await showTask(host, looker, task);
    if (own.length > mostTasks) host.log.info(`${own.length - mostTasks} more tasks have stopped.`);
  } catch (error) {
    host.log.warn(`Why tasks have stopped cannot be shown: ${looker.conceal(reasonOf(host, error))}`);
  }
}

/** Why a task stopped, and the last lines of its containers that did not end well. */
export async function showTask(host: Host, looker: Looker, task: Task): Promise<void> {
  const id = shortId(task);
  const { conceal } = looker;
  host.log.info(`Task ${id} stopped: ${conceal(task.stoppedReason || task.stopCode || "no reason given")}`);
  for (const { name, reason, exitCode, runtimeId } of task.containers) {
    if (exitCode === 0) continue;
    const end = exitCode === undefined ? "did not run" : `ended with exit code ${exitCode}`;
    host.log.info(`  Container ${name} ${end}${reason === "" ? "" : `: ${conceal(reason)}`}`);
    await showLog(host, looker, name, { id, runtimeId });
  }
}

async function showLog(
  host: Host,
  { containers, credentials, conceal }: Looker,
  name: string,
  task: { readonly id: string; readonly runtimeId: string },
): Promise<void> {
  const container = containers.find((each) => each.name === name);
  const stream = container === undefined ? null : findLogStream(container, task);
  if (stream === null) return;
  try {
    const lines = await readLastLines(host, stream, credentials, mostLines);
    for (const line of lines) host.log.info(`  ${name} | ${conceal(line)}`);
  } catch (error) {
    host.log.warn(`The log of ${name} cannot be shown: ${reasonOf(host, error)}`);
  }
}

export function shortId({ taskArn }: Task): string {
  return taskArn.split("/").at(-1) ?? taskArn;
}

function reasonOf({ canceled }: Host, error: unknown): string {
  if (canceled.aborted) return "this job was cancelled";
  return error instanceof Error ? error.message : String(error);
}
