import { type ParseArgsConfig, parseArgs } from "node:util";
import { nearest } from "../simulator/scenario/nearest.ts";
import { UsageError } from "./usage-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Splits the arguments of one command into options and the one file that it takes. */
export function readArguments<Known extends Options>(
  args: readonly string[],
  options: Known,
  command: { readonly name: string; readonly file: string },
) {
  const { values, file } = readOptionalFile(args, options, command);
  if (file === undefined) {
    throw new UsageError(`${command.name} needs ${command.file}.`, `circleback ${command.name} --help`);
  }
  return { values, file };
}

/** The same for a command that can do without its file. */
export function readOptionalFile<Known extends Options>(
  args: readonly string[],
  options: Known,
  command: { readonly name: string },
) {
  const help = `circleback ${command.name} --help`;
  const { values, positionals } = parse(args, options, help);
  const [file, ...more] = positionals;
  if (more.length > 0) {
    throw new UsageError(`${command.name} takes one file, but was also given ${more.join(" ")}.`, help);
  }
  return { values, file };
}

function parse<Known extends Options>(args: readonly string[], options: Known, help: string) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(explain(error, Object.keys(options)), help);
  }
}

function explain(error: unknown, known: readonly string[]): string {
  const message = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(-+([^']+))'/.exec(message);
  if (unknown === null) return message.replace(/\n[\s\S]*/, "");
  const close = nearest(unknown[2] ?? "", known);
  return `There is no option ${unknown[1]}${close === null ? "." : `: did you mean --${close}?`}`;
}
