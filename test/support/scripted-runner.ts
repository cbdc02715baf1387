import type { Clock } from "../../src/simulator/engine/clock.ts";
import type {
  ArtifactFile,
  JobAssignment,
  JobListener,
  JobOutcome,
  JobRunner,
  RunningJob,
  StepProgress,
} from "../../src/simulator/engine/job-runner.ts";

export interface Play {
  readonly outcome?: JobOutcome;
  readonly duration?: number;
  /** Reported when the job starts. */
  readonly steps?: readonly StepProgress[];
  /** Reported when the job ends. */
  readonly artifacts?: readonly ArtifactFile[];
  /** Reported when nobody should listen any more: as an answer to a cancel, or just after the end. */
  readonly lastWords?: readonly StepProgress[];
  /** A cancel comes too late: the job ends as if there had been none. */
  readonly ignoresCancel?: boolean;
  /** What the job does when it starts, as if its first step did it. */
  readonly act?: (assignment: JobAssignment) => void;
}

/** Runs jobs on a clock, without processes: each run takes the next play that is written for its name, else the usual one. */
export class ScriptedRunner implements JobRunner {
  readonly assignments: JobAssignment[] = [];
  /** Names of the jobs that were to be canceled, once for each call. */
  readonly cancels: string[] = [];
  readonly #clock: Clock;
  readonly #script: Map<string, readonly Play[]>;
  readonly #usual: (assignment: JobAssignment) => Play;

  constructor(
    clock: Clock,
    script: Readonly<Record<string, readonly Play[]>>,
    usual: (assignment: JobAssignment) => Play = () => ({}),
  ) {
    this.#clock = clock;
    this.#usual = usual;
    this.#script = new Map(Object.entries(script));
  }

  /** Plays that no job has taken: a script that says more than happens is wrong. */
  get unplayed(): readonly string[] {
    return [...this.#script].flatMap(([name, plays]) => plays.map(() => name));
  }

  start(assignment: JobAssignment, listener: JobListener): RunningJob {
    this.assignments.push(assignment);
    const [play = this.#usual(assignment), ...rest] = this.#script.get(assignment.name) ?? [];
    this.#script.set(assignment.name, rest);
    for (const step of play.steps ?? []) listener.step(step);
    const { promise, resolve } = withResolvers<JobOutcome>();
    this.#clock.after(0, () => play.act?.(assignment));
    const speakLast = () => {
      for (const step of play.lastWords ?? []) listener.step(step);
    };
    const callOff = this.#clock.after(play.duration ?? 1000, () => {
      for (const artifact of play.artifacts ?? []) listener.artifact(artifact);
      resolve(play.outcome ?? "success");
      if (play.lastWords !== undefined) this.#clock.after(1, speakLast);
    });
    const cancel = () => {
      this.cancels.push(assignment.name);
      speakLast();
      if (play.ignoresCancel) return;
      callOff();
      resolve("canceled");
    };
    return { done: promise, cancel };
  }
}

function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
