import type { Environment } from "../host/host.ts";

/** Which part of its work a step of the orb does, where a command has a pause in the middle. */
export type Part = "first" | "second";

/** Set by the orb and read by `run.sh` too, which hands the program on from the first step to the second. */
export const partVariable = "CIRCLEBACK_PART";

/** Null: all of it, as a program does that is started by itself. */
export function readPart(env: Environment): Part | null {
  const part = env[partVariable];
  return part === "first" || part === "second" ? part : null;
}
