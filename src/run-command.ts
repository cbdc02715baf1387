import { UserError } from "./errors.ts";
import type { Host } from "./host/host.ts";
import { type CommandDefinition, type InputOf, type Parameters, variableOf } from "./orb/define-command.ts";
import { readInput } from "./orb/read-input.ts";

export type Handler<P extends Parameters> = (input: InputOf<P>, host: Host) => Promise<void>;

/** Runs one command from its parameters to its exit code: the only place that catches. */
export async function runCommand<P extends Parameters>(
  definition: CommandDefinition<P>,
  handle: Handler<P>,
  host: Host,
): Promise<number> {
  try {
    await handle(readInput(definition, host.env), host);
    return 0;
  } catch (error) {
    const shown = asUserError(error, definition.name, host);
    const mayFail = definition.failsOnlyIf;
    if (mayFail !== undefined && isFalse(host.env[variableOf(mayFail)])) {
      host.log.warn(
        `${render(shown)}\n  - The job goes on all the same; \`${mayFail}: true\` would fail it.`,
      );
      return 0;
    }
    host.log.error(`Error: ${render(shown)}`);
    return shown.exitCode;
  }
}

function asUserError(error: unknown, command: string, host: Host): UserError {
  if (error instanceof UserError) return error;
  if (host.canceled.aborted) return new UserError("job.canceled", "This job was cancelled.");
  if (error instanceof Error && "syscall" in error) {
    return new UserError(
      "file.failed",
      `This machine did not let ${command} do something: ${error.message}.`,
      {
        hints: [
          "code" in error && error.code === "E2BIG"
            ? "Shorten the longest parameter or variable: no program is given more than 128 KB in one piece."
            : "Check that this is a file or folder as it should be, that this user may use it, and that its disk has room.",
        ],
      },
    );
  }
  return new UserError(
    "orb.bug",
    `${command} met a case that its authors did not foresee: ${String(error)}.`,
    {
      hints: ["Please report this, with the lines below, to the orb's source repository."],
      cause: error,
    },
  );
}

/** As booleans reach a step. */
function isFalse(text: string | undefined): boolean {
  return text === "0" || text === "false";
}

function render(error: UserError): string {
  const lines = [`${error.message} (${error.code})`, ...error.hints.map((hint) => `  - ${hint}`)];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    lines.push(`  caused by: ${error.code === "orb.bug" ? cause.stack : cause.message}`);
  }
  return lines.join("\n");
}
