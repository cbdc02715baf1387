import { existsSync } from "node:fs";
import { available } from "./require.ts";

export interface Shell {
  readonly name: string;
  /** What comes before the text of the command. */
  readonly argv: readonly [string, ...string[]];
}

export const bash: Shell = { name: "bash", argv: ["/bin/bash", "-eo", "pipefail", "-c"] };
const dash: Shell = { name: "dash", argv: ["/bin/dash", "-c"] };
export const ash: Shell = { name: "busybox ash", argv: ["/bin/busybox", "ash", "-c"] };

/** The shells that a step may meet and that are here: CircleCI's default, Debian's `sh` and Alpine's. */
export const shells: readonly Shell[] = [bash, dash, ash].filter(({ name, argv: [file] }) =>
  available(name, () => (existsSync(file) ? null : `${file} is missing`)),
);
