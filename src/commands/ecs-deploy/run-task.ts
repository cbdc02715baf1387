import type { Service, Task } from "../../aws/ecs-shapes.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { formatDuration, poll } from "../../protocol/poll.ts";
import { makeTransactionId } from "../../rollout/job-facts.ts";
import { bearOutages } from "./bear-outages.ts";
import type { Command } from "./parse.ts";
import { attempt, type Progress } from "./progress.ts";
import { type Looker, shortId, showTask } from "./show-tasks.ts";

export interface Errand {
  readonly revision: string;
  readonly container: string;
  readonly command: Command;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Runs the command once in the new image, and comes back when it has ended well. */
export async function runOnce(
  host: Host,
  looker: Looker,
  like: Service,
  { container, command, timeout, revision }: Errand,
  progress: Progress,
): Promise<void> {
  const { ecs } = looker;
  host.log.info(`Running in ${container}: ${command.shown}`);
  const token = makeTransactionId(host.random);
  const request = { revision, container, command: command.words, token };
  const started = await attempt(progress, "starting-task", () => ecs.runTask(like, request));
  const id = shortId(started);
  progress.phase = "task";
  progress.task = id;
  const findTask = bearOutages(host, () => ecs.findTask(started.taskArn));
  const ended = await poll(
    host,
    {
      first: 5_000,
      longest: 15_000,
      deadline: deadlineAfter(host, timeout),
      waitingFor: () => `Waiting for task ${id}`,
    },
    async () => {
      const task = await findTask();
      return task !== null && hasEnded(task, container) ? task : null;
    },
  );
  if (ended === null) {
    throw new UserError("wait.timeout", `Task ${id} has not ended within ${formatDuration(timeout)}.`, {
      hints: ["Raise `timeout`, or look at what it does in the console of ECS."],
    });
  }
  const code = ended.containers.find(({ name }) => name === container)?.exitCode;
  if (ended.lastStatus === "STOPPED") progress.phase = "registered";
  if (code === 0) {
    host.log.info(`Task ${id} ended with exit code 0.`);
    if (progress.phase === "task") host.log.warn(`Task ${id} goes on with its other containers.`);
    progress.phase = "registered";
    return;
  }
  await showTask(host, looker, ended);
  const end = code === undefined ? "did not run" : `ended with exit code ${code}`;
  throw new UserError("deploy.failed", `The command of run-task ${end} (task ${id}).`, {
    hints: ["What it said last is above, where the container logs with awslogs."],
  });
}

function hasEnded({ lastStatus, containers }: Task, container: string): boolean {
  return (
    lastStatus === "STOPPED" ||
    containers.some((each) => each.name === container && each.lastStatus === "STOPPED")
  );
}

function deadlineAfter(host: Host, timeout: number): () => number {
  const deadline = host.clock.now() + timeout;
  return () => deadline;
}
