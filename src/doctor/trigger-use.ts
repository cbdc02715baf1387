import { type Fields, showValue } from "./fields.ts";
import type { ConfigFile, JobUse, WorkflowUse } from "./read-config.ts";

/** One place where a configuration triggers a child. */
export interface TriggerUse {
  readonly workflow: WorkflowUse;
  readonly job: JobUse;
  readonly project: string;
  /** Null: it waits in the step, or not at all. */
  readonly approvalJob: string | null;
  /** Null: no ticket is sent. */
  readonly ticketParameter: string | null;
  readonly tokenVariable: string;
}

export function listTriggers(config: ConfigFile): readonly TriggerUse[] {
  return config.workflows.flatMap((workflow) =>
    workflow.jobs.flatMap((job) =>
      job.runs
        .filter(({ command }) => command === "trigger-and-wait")
        .map(({ parameters }) => ({
          workflow,
          job,
          project: textOf(parameters, "project", ""),
          approvalJob: textOf(parameters, "approval-job", "") || null,
          ticketParameter: textOf(parameters, "ticket-parameter", "circleback") || null,
          tokenVariable: textOf(parameters, "token", "CIRCLE_TOKEN"),
        })),
    ),
  );
}

export function textOf(parameters: Fields, name: string, otherwise: string): string {
  const value = parameters[name];
  return value === undefined || value === null ? otherwise : showValue(value);
}

/** Whether only CircleCI, or the job's shell, knows what this says. */
export function isOpen(text: string): boolean {
  return /<<|\$/.test(text);
}
