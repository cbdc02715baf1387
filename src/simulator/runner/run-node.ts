import { mkdir } from "node:fs/promises";
import type { StepCondition } from "../compiler/compiled-config.ts";
import type { JobOutcome } from "../engine/job-runner.ts";
import { installAgent } from "./agent.ts";
import { conditionOf, runBuiltInStep } from "./built-in-step.ts";
import { exists } from "./file-tree.ts";
import type { NodeContext } from "./node-context.ts";
import { runStep } from "./run-step.ts";
import { installSsh } from "./ssh.ts";
import { startSshAgent } from "./ssh-agent.ts";
import { killStrayProcesses } from "./stray-processes.ts";

/** Runs all steps of one node in order and leaves no process behind. */
export async function runNode(context: NodeContext): Promise<JobOutcome> {
  const { home, temporary, workingDirectory, pipes } = context.folder;
  for (const folder of [home, temporary, workingDirectory, pipes]) await mkdir(folder, { recursive: true });
  await installAgent(context.folder);
  await installSsh(context.folder);
  const addsKeys = context.assignment.definition.steps.some(({ kind }) => kind === "add_ssh_keys");
  const agent = addsKeys ? await startSshAgent() : null;
  const environment = { ...(agent && { SSH_AUTH_SOCK: agent.socket }), ...context.environment };
  try {
    return await runSteps({ ...context, environment });
  } finally {
    await endProcesses(context);
    await agent?.stop();
  }
}

/** The outcome of a job is the worst of its steps', and of its nodes'. */
export function worstOf(outcomes: readonly JobOutcome[]): JobOutcome {
  const order: readonly JobOutcome[] = ["canceled", "infrastructure_fail", "timedout", "failed"];
  return order.find((outcome) => outcomes.includes(outcome)) ?? "success";
}

function isDue(condition: StepCondition, failed: boolean): boolean {
  return condition === "always" || failed === (condition === "on_fail");
}

async function runSteps(context: NodeContext): Promise<JobOutcome> {
  let outcome: JobOutcome = "success";
  for (const step of context.assignment.definition.steps) {
    if (context.canceled.aborted) return "canceled";
    if (!isDue(conditionOf(step), outcome !== "success")) continue;
    const result = step.kind === "run" ? await runStep(context, step) : await runBuiltInStep(context, step);
    if (result === "infrastructure_fail") return result;
    outcome = worstOf([outcome, result]);
    if (await exists(context.folder.halt)) break;
  }
  return context.canceled.aborted ? "canceled" : outcome;
}

async function endProcesses(context: NodeContext): Promise<void> {
  // A command that is still in the background has done its duty: the job's end is its end.
  for (const log of context.background) log.end(context.canceled.aborted ? "canceled" : "success", null);
  for (const group of context.groups) group.kill();
  await Promise.all([...context.groups].map((group) => group.ended));
  await killStrayProcesses(context.folder.bashEnv);
}
