import packageJson from "../../package.json" with { type: "json" };
import { nearest } from "../simulator/scenario/nearest.ts";
import { ScenarioError } from "../simulator/scenario/scenario-error.ts";
import { Interrupted } from "./interrupt.ts";
import * as simulateCompile from "./simulate-compile.ts";
import * as simulateRun from "./simulate-run.ts";
import * as simulateServe from "./simulate-serve.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

interface Command {
  readonly help: string;
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", simulateRun],
  ["serve", simulateServe],
  ["compile", simulateCompile],
]);

const help = `A CircleCI on your own machine.

  circleback simulate run SCENARIO      runs a scenario and shows what happens
  circleback simulate serve SCENARIO    answers as API v2 until it is interrupted
  circleback simulate compile CONFIG    prints the compiled configuration

  --help after any of them says more; circleback --version names this program.
`;

/** Runs one command line and answers its exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(`Error: ${error.message}\nTry: ${error.hint}\n`);
      return 2;
    }
    if (error instanceof ScenarioError) {
      terminal.err(`Error: ${error.message}\n`);
      return 2;
    }
    if (error instanceof Interrupted) {
      terminal.err(`${error.message}\n`);
      return error.exitCode;
    }
    terminal.err(`Error: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    return 1;
  }
}

async function dispatch([group, name, ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (group === "--version") {
    terminal.screen.write(`${packageJson.version}\n`);
    return 0;
  }
  if (group === undefined) {
    terminal.err(help);
    return 2;
  }
  if (group === "--help" || group === "-h" || group === "help") {
    terminal.screen.write(help);
    return 0;
  }
  if (group !== "simulate") throw unknownCommand(group, ["simulate"], "");
  if (name === "--help" || name === "-h") {
    terminal.screen.write(help);
    return 0;
  }
  if (name === undefined) throw new UsageError("simulate needs a command.", "circleback --help");
  const command = commands.get(name);
  if (command === undefined) throw unknownCommand(name, [...commands.keys()], "simulate ");
  if (rest.includes("--help") || rest.includes("-h")) {
    terminal.screen.write(command.help);
    return 0;
  }
  return command.run(rest, terminal);
}

function unknownCommand(name: string, known: readonly string[], before: string): UsageError {
  const close = nearest(name, known);
  const hint = close === null ? "circleback --help" : `circleback ${before}${close}`;
  return new UsageError(`There is no command ${before}${name}.`, hint);
}
