import { existsSync } from "node:fs";
import { available } from "./require.ts";

export interface Shell {
  readonly name: string;
  /** What comes before the text of the command. */
  readonly argv: readonly [string, ...string[]];
}

/** The shells that a step may meet: CircleCI's default, and the `sh` of Debian and of Alpine. */
export const shells: readonly Shell[] = [
  { name: "bash", argv: ["/bin/bash", "-eo", "pipefail", "-c"] },
  { name: "dash", argv: ["/bin/dash", "-c"] },
  { name: "busybox ash", argv: ["/bin/busybox", "ash", "-c"] },
].filter((shell): shell is Shell =>
  available(shell.name, () => (existsSync(shell.argv[0] ?? "") ? null : `${shell.argv[0]} is missing`)),
);
