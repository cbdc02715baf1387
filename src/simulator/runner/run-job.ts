import { join } from "node:path";
import type { JobAssignment, JobListener, JobOutcome } from "../engine/job-runner.ts";
import { buildBuiltInVariables, buildEnvironment } from "./environment.ts";
import { layOutJobFolder } from "./job-folder.ts";
import type { NodeContext, Stores } from "./node-context.ts";
import type { ProcessRunnerOptions } from "./process-runner.ts";
import { runNode, worstOf } from "./run-node.ts";
import { StepLog } from "./step-log.ts";

export interface JobRun {
  readonly options: ProcessRunnerOptions;
  readonly stores: Stores;
  readonly assignment: JobAssignment;
  readonly listener: JobListener;
  readonly canceled: AbortSignal;
  readonly killed: AbortSignal;
}

/** Runs the nodes of a job side by side. Never rejects: what the runner itself cannot do is `infrastructure_fail`. */
export async function runJob(run: JobRun): Promise<JobOutcome> {
  let steps = 0;
  const openLog = (name: string) => new StepLog(steps++, name, run.listener, run.options.clock);
  try {
    const host = await run.options.hostFor(run.assignment.id);
    const nodes = Array.from({ length: run.assignment.definition.parallelism }, (_, node) =>
      describeNode(run, node, host, openLog),
    );
    // Every node must have let go of its processes before the job may be over.
    const ends = await Promise.allSettled(nodes.map(runNode));
    const broken = ends.find((end) => end.status === "rejected");
    if (broken !== undefined) throw broken.reason;
    return worstOf(ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : [])));
  } catch (error) {
    const log = openLog("Spin up environment");
    log.line(error instanceof Error ? error.message : String(error));
    log.end("failed", null);
    return "infrastructure_fail";
  }
}

function describeNode(run: JobRun, node: number, host: string, openLog: NodeContext["openLog"]): NodeContext {
  const { options, assignment } = run;
  const { id, project, definition } = assignment;
  const folder = layOutJobFolder(
    join(options.root, "jobs", id, String(node)),
    definition.workingDirectory,
    id,
  );
  const { PATH = "/usr/local/bin:/usr/bin:/bin", LANG = "C.UTF-8" } = process.env;
  const now = options.clock.now();
  const input = { assignment, folder, node, host, machine: { PATH, LANG }, now };
  return {
    assignment,
    node,
    folder,
    host,
    environment: buildEnvironment(input),
    keyEnvironment: { ...assignment.environment, ...buildBuiltInVariables(input) },
    source: options.sourceOf(project.slug),
    runRoot: options.root,
    sshKeys: options.sshKeys(project.slug),
    stores: run.stores,
    clock: options.clock,
    listener: run.listener,
    canceled: run.canceled,
    killed: run.killed,
    groups: new Set(),
    background: new Set(),
    openLog,
  };
}
