import { variableOf } from "../orb/define-command.ts";
import { splitJobs } from "./compiled-jobs.ts";

/** What a step that triggers is told, as a compiled configuration shows it. */
export interface CompiledTrigger {
  readonly project: string;
  readonly receipt: string;
  readonly cancelChild: boolean;
}

/** The triggers of a job that send a ticket, without which nobody could find their children. */
export function listTriggers(config: string, jobName: string): readonly CompiledTrigger[] {
  const triggers = new Map<string, CompiledTrigger>();
  for (const { text } of splitJobs(config).filter(({ name }) => name === jobName)) {
    for (const step of text.split(/^(?= {4}- )/m)) {
      const project = readParameter(step, "project");
      const receipt = readParameter(step, "receipt");
      if (!project || !receipt || !readParameter(step, "ticket-parameter")) continue;
      // The two steps of one trigger are told the same.
      triggers.set(receipt, {
        project,
        receipt,
        cancelChild: readParameter(step, "cancel-child") === "true",
      });
    }
  }
  return [...triggers.values()];
}

/** Only at the place where a step's own variables stand: a value of several lines lies deeper. */
function readParameter(step: string, parameter: string): string | null {
  const [, value = null] = new RegExp(`^ {10}${variableOf(parameter)}: (.*)$`, "m").exec(step) ?? [];
  return value === null ? null : value.replace(/^(["'])(.*)\1$/, "$2");
}
