import packageJson from "../../package.json" with { type: "json" };
import { nearest } from "../simulator/scenario/nearest.ts";
import { ScenarioError } from "../simulator/scenario/scenario-error.ts";
import { Interrupted } from "./interrupt.ts";
import * as simulateCompile from "./simulate-compile.ts";
import * as simulateRun from "./simulate-run.ts";
import * as simulateServe from "./simulate-serve.ts";
import { UsageError } from "./usage-error.ts";

interface Command {
  readonly help: string;
  run(args: readonly string[]): Promise<number>;
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

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`Error: ${error.message}\nTry: ${error.hint}\n`);
      return 2;
    }
    if (error instanceof ScenarioError) {
      process.stderr.write(`Error: ${error.message}\n`);
      return 2;
    }
    if (error instanceof Interrupted) {
      process.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    process.stderr.write(`Error: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    return 1;
  }
}

async function dispatch([group, name, ...rest]: readonly string[]): Promise<number> {
  if (group === "--version") {
    process.stdout.write(`${packageJson.version}\n`);
    return 0;
  }
  if (group === undefined) {
    process.stderr.write(help);
    return 2;
  }
  if (group === "--help" || group === "-h" || group === "help") {
    process.stdout.write(help);
    return 0;
  }
  if (group !== "simulate") throw unknownCommand(group, ["simulate"], "");
  if (name === "--help" || name === "-h") {
    process.stdout.write(help);
    return 0;
  }
  if (name === undefined) throw new UsageError("simulate needs a command.", "circleback --help");
  const command = commands.get(name);
  if (command === undefined) throw unknownCommand(name, [...commands.keys()], "simulate ");
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(rest);
}

function unknownCommand(name: string, known: readonly string[], before: string): UsageError {
  const close = nearest(name, known);
  const hint = close === null ? "circleback --help" : `circleback ${before}${close}`;
  return new UsageError(`There is no command ${before}${name}.`, hint);
}
