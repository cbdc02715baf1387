import packageJson from "../../package.json" with { type: "json" };
import { nearest } from "../simulator/scenario/nearest.ts";
import { ScenarioError } from "../simulator/scenario/scenario-error.ts";
import * as doctor from "./doctor.ts";
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

const simulateCommands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", simulateRun],
  ["serve", simulateServe],
  ["compile", simulateCompile],
]);

const help = `A CircleCI on your own machine, and a look at the real one.

  circleback doctor CONFIG              looks whether an orchestration can work
  circleback simulate run SCENARIO      runs a scenario and shows what happens
  circleback simulate serve [SCENARIO]  answers as API v2 until it is interrupted
  circleback simulate compile CONFIG    prints the compiled configuration

  --help after any of them says more; circleback --version names this program.
`;

/** Runs one command line and answers its exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.err(
        `${[`Error: ${error.message}`, ...error.hints.map((hint) => `Try: ${hint}`)].join("\n")}\n`,
      );
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
  if (group === "doctor") return runOrHelp(doctor, name === undefined ? rest : [name, ...rest], terminal);
  if (group !== "simulate") throw unknownCommand(group, ["simulate", "doctor"], "");
  if (name === "--help" || name === "-h") {
    terminal.screen.write(help);
    return 0;
  }
  if (name === undefined) throw new UsageError("simulate needs a command.", "circleback --help");
  const command = simulateCommands.get(name);
  if (command === undefined) throw unknownCommand(name, [...simulateCommands.keys()], "simulate ");
  return runOrHelp(command, rest, terminal);
}

async function runOrHelp(command: Command, args: readonly string[], terminal: Terminal): Promise<number> {
  if (!args.includes("--help") && !args.includes("-h")) return command.run(args, terminal);
  terminal.screen.write(command.help);
  return 0;
}

function unknownCommand(name: string, known: readonly string[], before: string): UsageError {
  const close = nearest(name, known);
  const hint = close === null ? "circleback --help" : `circleback ${before}${close}`;
  return new UsageError(`There is no command ${before}${name}.`, hint);
}
