import { readPart } from "../../src/orb/part.ts";
import type { CompiledStep, RunStep } from "../../src/simulator/compiler/compiled-config.ts";
import type {
  JobAssignment,
  JobListener,
  JobOutcome,
  JobRunner,
  RunningJob,
} from "../../src/simulator/engine/job-runner.ts";
import { conditionOf } from "../../src/simulator/runner/built-in-step.ts";
import { gracePeriod } from "../../src/simulator/runner/process-group.ts";
import { continued } from "./compile-plan.ts";
import { JobMachine, type Network } from "./job-machine.ts";
import type { CommandName, Program } from "./program.ts";

/** One run of one of circleback's commands, be it in two steps, as its job's log and machine show it afterwards. */
export interface CommandRun {
  readonly command: CommandName;
  readonly jobId: string;
  readonly pipelineId: string;
  /** The parameters, as environment variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly startedAt: number;
  /** Null: it has not come to an end, since its machine was lost or it hangs. */
  readonly end: { readonly at: number; readonly exitCode: number; readonly errorCode: string | null } | null;
  readonly output: string;
  /** Receipts on the machine at its end, by name. */
  readonly receipts: ReadonlyMap<string, string>;
}

export interface StoredArtifact {
  readonly text: string;
  readonly storedAt: number;
}

interface Layer {
  readonly files: ReadonlyMap<string, string>;
  readonly job: Pick<JobAssignment, "id" | "name" | "upstreamJobIds">;
}

type StepEnd = "success" | "failed" | "infrastructure_fail";

/** Runs the jobs of compiled plans on the virtual clock, circleback's commands in this process. */
export class MachineRunner implements JobRunner {
  readonly commandRuns: CommandRun[] = [];
  /** By `<job id>/<path>`. */
  readonly artifacts = new Map<string, StoredArtifact>();
  /** Jobs of which a step of their own has failed, before circleback had its turn. */
  readonly ownFailures = new Set<string>();
  readonly lostJobs = new Set<string>();
  /** The longest time that a job printed nothing while one of circleback's commands ran. */
  longestSilence = 0;
  readonly #program: Program;
  readonly #network: Network;
  readonly #layers = new Map<string, Layer>();
  readonly #attempts = new Map<string, number>();
  readonly #running = new Map<string, () => void>();

  constructor(program: Program, network: Network) {
    this.#program = program;
    this.#network = network;
  }

  /** Names what has not come to an end. */
  get runningJobs(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** The machine of a running job goes away, and with it everything that was not stored. */
  lose(jobId: string): boolean {
    const end = this.#running.get(jobId);
    if (end === undefined) return false;
    this.lostJobs.add(jobId);
    end();
    return true;
  }

  start(assignment: JobAssignment, listener: JobListener): RunningJob {
    const machine = new JobMachine(this.#network, assignment.id);
    let isCanceled = false;
    const done = new Promise<JobOutcome>((resolve) => {
      const finish = (outcome: JobOutcome) => {
        this.#running.delete(assignment.id);
        machine.lose();
        resolve(outcome);
      };
      this.#running.set(assignment.id, () => finish("infrastructure_fail"));
      this.#runSteps(assignment, machine, listener).then(
        (outcome) => finish(isCanceled ? "canceled" : outcome),
        (error) => {
          this.#network.onDefect(`The runner broke down: ${error instanceof Error ? error.stack : error}`);
          finish("infrastructure_fail");
        },
      );
      machine.canceled.addEventListener("abort", () => {
        isCanceled = true;
        this.#network.clock.after(gracePeriod, () => finish("canceled"));
      });
    });
    return { done, cancel: () => machine.cancel() };
  }

  async #runSteps(
    assignment: JobAssignment,
    machine: JobMachine,
    listener: JobListener,
  ): Promise<JobOutcome> {
    await machine.sleep(this.#network.random.between(500, 3000), machine.canceled);
    let outcome: StepEnd = "success";
    for (const step of assignment.definition.steps) {
      if (machine.canceled.aborted) return "canceled";
      const condition = conditionOf(step);
      if (condition !== "always" && (condition === "on_fail") !== (outcome === "failed")) continue;
      const end = await this.#runStep(assignment, machine, listener, step);
      if (end === "infrastructure_fail") return end;
      if (end === "failed") outcome = "failed";
    }
    return outcome;
  }

  async #runStep(
    assignment: JobAssignment,
    machine: JobMachine,
    listener: JobListener,
    step: CompiledStep,
  ): Promise<StepEnd> {
    switch (step.kind) {
      case "run":
        return this.#runCommand(assignment, machine, step);
      case "attach_workspace":
        return this.#attachWorkspace(assignment, machine);
      case "persist_to_workspace": {
        const files = new Map([...machine.files].filter(([path]) => isBelow(path, step.paths)));
        this.#layers.set(assignment.id, { files, job: assignment });
        return "success";
      }
      case "store_artifacts":
        for (const [file, text] of machine.files) {
          if (!isBelow(file, [step.path])) continue;
          const path = `${step.destination ?? step.path}${file.slice(step.path.length)}`;
          const key = `${assignment.id}/${path}`;
          this.artifacts.set(key, { text, storedAt: this.#network.clock.now() });
          listener.artifact({ path, file: key });
        }
        return "success";
      default:
        throw new Error(`no step ${step.kind} in a plan`);
    }
  }

  /** Jobs side by side that have persisted the same file make the service refuse. */
  #attachWorkspace({ upstreamJobIds }: JobAssignment, { files }: JobMachine): StepEnd {
    const layers = upstreamJobIds.flatMap((id) => this.#layers.get(id) ?? []);
    for (const layer of layers) {
      const rivals = layers.filter(({ job }) => areConcurrent(job, layer.job));
      if (rivals.some((rival) => [...layer.files.keys()].some((path) => rival.files.has(path))))
        return "failed";
      for (const [path, text] of layer.files) files.set(path, text);
    }
    return "success";
  }

  async #runCommand(assignment: JobAssignment, machine: JobMachine, step: RunStep): Promise<StepEnd> {
    const [word = "", ...rest] = step.command.split(" ");
    if (word === "work") return this.#work(assignment, machine, rest);
    if (word === "continue") return this.#continue(assignment, machine);
    if (word === "mkdir") {
      machine.files.set(step.command.split(": > ")[1] ?? "", "");
      return "success";
    }
    for (let attempt = 0; ; attempt++) {
      const exitCode = await this.#runCircleback(assignment, machine, rest[0] as CommandName, step);
      if (exitCode === 0) return "success";
      if (attempt >= step.maxAutoReruns || machine.canceled.aborted) return "failed";
    }
  }

  async #work(
    { id, name, pipeline, workflow }: JobAssignment,
    machine: JobMachine,
    [takes, text]: readonly string[],
  ): Promise<StepEnd> {
    const place = `${pipeline.id} ${workflow.name} ${name}`;
    const attempt = this.#attempts.get(place) ?? 0;
    this.#attempts.set(place, attempt + 1);
    // Of two pipelines with the same configuration, the later one may be through first.
    await machine.sleep(Number(takes) * (0.2 + 1.6 * this.#network.random.next()), machine.canceled);
    const ends = (text ?? "").split(",");
    const end = (ends[attempt] ?? ends.at(-1)) as StepEnd;
    if (end !== "success") this.ownFailures.add(id);
    return end;
  }

  async #continue({ continuationKey }: JobAssignment, machine: JobMachine): Promise<StepEnd> {
    const answer = await machine.host({}).fetch("https://circleci.com/api/v2/pipeline/continue", {
      method: "POST",
      body: JSON.stringify({ "continuation-key": continuationKey, configuration: continued }),
    });
    return answer.status === 200 ? "success" : "failed";
  }

  async #runCircleback(
    assignment: JobAssignment,
    machine: JobMachine,
    command: CommandName,
    step: RunStep,
  ): Promise<number> {
    const { clock } = this.#network;
    const part = readPart(step.environment);
    const first =
      part === "second"
        ? this.commandRuns.findLast((run) => run.jobId === assignment.id && run.end === null)
        : undefined;
    const place = first === undefined ? this.commandRuns.length : this.commandRuns.lastIndexOf(first);
    const before = machine.output.length;
    machine.lastWords = clock.now();
    const base = {
      command,
      jobId: assignment.id,
      pipelineId: assignment.pipeline.id,
      environment: step.environment,
      startedAt: first?.startedAt ?? clock.now(),
    };
    if (first === undefined) this.commandRuns.push({ ...base, end: null, output: "", receipts: new Map() });
    const exitCode = await this.#program[command].run(machine.host(environmentOf(assignment, step)));
    machine.listen();
    this.longestSilence = Math.max(this.longestSilence, machine.longestSilence);
    const output = `${first?.output ?? ""}${machine.output.slice(before)}`;
    const errorCode = /^Error: .*? \((\w+\.[\w-]+)\)$/ms.exec(output)?.[1] ?? null;
    const isHalf = part === "first" && exitCode === 0;
    const end = isHalf ? null : { at: clock.now(), exitCode, errorCode };
    this.commandRuns[place] = { ...base, end, output, receipts: receiptsOn(machine) };
    return exitCode;
  }
}

function areConcurrent(one: Layer["job"], other: Layer["job"]): boolean {
  if (one.name === other.name) return false;
  return !one.upstreamJobIds.includes(other.id) && !other.upstreamJobIds.includes(one.id);
}

const receiptFolder = ".circleback/receipts/";

function receiptsOn({ files }: JobMachine): ReadonlyMap<string, string> {
  const receipts = [...files].filter(([path]) => path.startsWith(receiptFolder));
  return new Map(receipts.map(([path, text]) => [path.slice(receiptFolder.length, -".json".length), text]));
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(`${root}/`));
}

function environmentOf({ id, name, pipeline, workflow, environment }: JobAssignment, step: RunStep) {
  return {
    ...environment,
    CIRCLE_JOB: name,
    CIRCLE_NODE_TOTAL: "1",
    CIRCLE_PIPELINE_ID: pipeline.id,
    CIRCLE_WORKFLOW_ID: workflow.id,
    CIRCLE_WORKFLOW_JOB_ID: id,
    CIRCLE_WORKFLOW_WORKSPACE_ID: workflow.workspaceId,
    BASH_ENV: "bash-env",
    ...step.environment,
  };
}
