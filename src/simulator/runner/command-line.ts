import type { Environment } from "./environment.ts";

/** Linux takes no single argument or environment string (`NAME=value`) longer than this, in bytes. */
const longestString = 131_071;

/** The shell, split into words at blanks outside quotes, with the command as argument of `-c`. */
export function buildArgv(shell: string, command: string): readonly string[] {
  const words = shell.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return [...words.map((word) => word.replaceAll(/["']/g, "")), "-c", command];
}

/** Configurations written for the real service call it by its name: here that leads to the simulated one. */
export function aimAtHost(command: string, host: string): string {
  return command.replaceAll("https://circleci.com", host);
}

/** Says which string is too long to start a process with, or null when all fit. */
export function findOversized(argv: readonly string[], environment: Environment): string | null {
  const argument = argv.find((word) => Buffer.byteLength(word) > longestString);
  if (argument !== undefined) return describe("the command", argument);
  const entry = Object.entries(environment).find(
    ([name, value]) => Buffer.byteLength(`${name}=${value}`) > longestString,
  );
  return entry === undefined ? null : describe(`environment variable ${entry[0]}`, entry.join("="));
}

function describe(what: string, text: string): string {
  return `${what} has ${Buffer.byteLength(text)} bytes, the limit is ${longestString}`;
}
