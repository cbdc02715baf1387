import { definition as approveDefinition } from "../../src/commands/approve-in-parent/definition.ts";
import { approveInParent } from "../../src/commands/approve-in-parent/handler.ts";
import { definition as checkDefinition } from "../../src/commands/check-status/definition.ts";
import { checkStatus } from "../../src/commands/check-status/handler.ts";
import { definition as sweepDefinition } from "../../src/commands/sweep/definition.ts";
import { sweep } from "../../src/commands/sweep/handler.ts";
import { definition as triggerDefinition } from "../../src/commands/trigger-and-wait/definition.ts";
import { triggerAndWait } from "../../src/commands/trigger-and-wait/handler.ts";
import type { Host } from "../../src/host/host.ts";
import type { CommandDefinition, Parameters } from "../../src/orb/define-command.ts";
import { type Handler, runCommand } from "../../src/run-command.ts";

/** The commands under test: those of this checkout, or of a build with a mistake in it. */
export interface Program {
  readonly "trigger-and-wait": Command;
  readonly "approve-in-parent": Command;
  readonly "check-status": Command;
  readonly sweep: Command;
}

export type CommandName = keyof Program;

interface Command {
  readonly definition: Pick<CommandDefinition, "parameters" | "before" | "pause" | "after" | "when">;
  /** The exit code. */
  readonly run: (host: Host) => Promise<number>;
}

function command<P extends Parameters>(definition: CommandDefinition<P>, handle: Handler<P>): Command {
  return { definition, run: (host) => runCommand(definition, handle, host) };
}

export const program: Program = {
  "trigger-and-wait": command(triggerDefinition, triggerAndWait),
  "approve-in-parent": command(approveDefinition, approveInParent),
  "check-status": command(checkDefinition, checkStatus),
  sweep: command(sweepDefinition, sweep),
};
