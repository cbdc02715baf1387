import type { JobStatus, PipelineState, WorkflowStatus } from "../../circleci/status.ts";
import type { StepStatus } from "../engine/job-runner.ts";
import type { Outcome } from "./report.ts";

export type Status = PipelineState | WorkflowStatus | JobStatus | StepStatus | Outcome;
export type Tone = "good" | "bad" | "busy" | "asleep" | "stopped" | "idle";

export interface Look {
  readonly tone: Tone;
  /** One character, so that nobody needs to see colours. */
  readonly symbol: string;
}

const looks: Readonly<Record<Tone, { readonly symbol: string; readonly statuses: readonly Status[] }>> = {
  good: { symbol: "✓", statuses: ["success"] },
  bad: {
    symbol: "✗",
    statuses: [
      "failed",
      "failing",
      "error",
      "errored",
      "unauthorized",
      "timedout",
      "timed_out",
      "infrastructure_fail",
      "terminated-unknown",
    ],
  },
  busy: { symbol: "●", statuses: ["running", "setup"] },
  asleep: { symbol: "‖", statuses: ["on_hold"] },
  stopped: { symbol: "⊘", statuses: ["canceled"] },
  idle: { symbol: "○", statuses: [] },
};

/** How a status is shown, everywhere. */
export function lookOf(status: Status): Look {
  for (const tone of ["good", "bad", "busy", "asleep", "stopped"] as const) {
    if (looks[tone].statuses.includes(status)) return { tone, symbol: looks[tone].symbol };
  }
  return { tone: "idle", symbol: looks.idle.symbol };
}
