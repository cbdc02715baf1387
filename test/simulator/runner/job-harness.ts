import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { CompiledJob, CompiledStep } from "../../../src/simulator/compiler/compiled-config.ts";
import { type Clock, realClock } from "../../../src/simulator/engine/clock.ts";
import type {
  ArtifactFile,
  JobAssignment,
  JobOutcome,
  RunningJob,
  StepProgress,
} from "../../../src/simulator/engine/job-runner.ts";
import { createProcessRunner, type ProcessRunner } from "../../../src/simulator/runner/process-runner.ts";

export const host = "http://127.0.0.1:4711";

/** A runner in a folder of its own, with a project whose files are given; both are gone after the test. */
export function makeRunner(
  setup: {
    readonly clock?: Clock;
    readonly files?: Readonly<Record<string, string>>;
    readonly sshKeys?: ReadonlyMap<string, string>;
    readonly hostFor?: () => Promise<string>;
  } = {},
): { runner: ProcessRunner; root: string; source: string } {
  const folder = mkdtempSync(join(tmpdir(), "runner-test-"));
  const root = join(folder, "run");
  const source = join(folder, "source");
  mkdirSync(source);
  for (const [path, text] of Object.entries(setup.files ?? {})) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  const runner = createProcessRunner({
    root,
    clock: setup.clock ?? realClock,
    hostFor: setup.hostFor ?? (() => Promise.resolve(host)),
    sourceOf: () => source,
    sshKeys: () => setup.sshKeys ?? new Map(),
  });
  onTestFinished(async () => {
    await runner.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { runner, root, source };
}

export function assign(
  definition: Partial<CompiledJob>,
  changes: Partial<JobAssignment> = {},
): JobAssignment {
  return {
    id: "job-1",
    number: 7,
    name: "build",
    definition: {
      executor: "docker",
      image: "cimg/base:2024.01",
      resourceClass: null,
      shell: null,
      workingDirectory: null,
      parallelism: 1,
      environment: {},
      steps: [],
      ...definition,
    },
    project: { slug: "gh/acme/app", id: "project-1", organizationId: "organization-1" },
    pipeline: {
      id: "pipeline-1",
      number: 3,
      branch: "main",
      tag: null,
      revision: "0123456789abcdef0123456789abcdef01234567",
      actor: "ann",
    },
    workflow: { id: "workflow-1", name: "release", workspaceId: "workspace-1" },
    environment: {},
    continuationKey: null,
    upstreamJobIds: [],
    ...changes,
  };
}

export interface Recording {
  readonly running: RunningJob;
  /** Every report, in order. */
  readonly reports: StepProgress[];
  readonly artifacts: ArtifactFile[];
  /** The last report of each step. */
  steps(): readonly StepProgress[];
  /** Resolves once the step's output contains the text. */
  printed(text: string): Promise<void>;
}

export function start(runner: ProcessRunner, assignment: JobAssignment): Recording {
  const reports: StepProgress[] = [];
  const artifacts: ArtifactFile[] = [];
  let wake: () => void = () => {};
  const running = runner.start(assignment, {
    step(progress) {
      reports.push(progress);
      wake();
    },
    artifact: (artifact) => artifacts.push(artifact),
  });
  return {
    running,
    reports,
    artifacts,
    steps() {
      const last: StepProgress[] = [];
      for (const report of reports) last[report.index] = report;
      return last;
    },
    async printed(text) {
      while (!reports.some((report) => report.output.includes(text))) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Runs a job of these steps to its end. */
export async function runToEnd(
  runner: ProcessRunner,
  steps: readonly CompiledStep[],
  job: Partial<CompiledJob> = {},
  changes: Partial<JobAssignment> = {},
): Promise<{ outcome: JobOutcome; steps: readonly StepProgress[]; artifacts: readonly ArtifactFile[] }> {
  const recording = start(runner, assign({ ...job, steps }, changes));
  const outcome = await recording.running.done;
  return { outcome, steps: recording.steps(), artifacts: recording.artifacts };
}

/** `name status exit-code` of each step. */
export function summarize(steps: readonly StepProgress[]): readonly string[] {
  return steps.map((step) => `${step.name} ${step.status} ${step.exitCode}`);
}

/** Stands still until told to move. */
export class ManualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  #timers: { readonly at: number; readonly action: () => void }[] = [];
  #wake: () => void = () => {};

  now(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): () => void {
    const timer = { at: this.#now + delay, action };
    this.#timers.push(timer);
    this.#wake();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Resolves once somebody waits for this long, counted from now. */
  async awaited(delay: number): Promise<void> {
    while (!this.#timers.some((timer) => timer.at === this.#now + delay)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  advance(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.action();
    }
    this.#now = end;
  }
}
