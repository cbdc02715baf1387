import type { RunStep } from "../../src/simulator/compiler/compiled-config.ts";

/** A `run` step as it is compiled where nothing but its command is given. */
export function run(command: string, changes: Partial<RunStep> = {}): RunStep {
  return {
    kind: "run",
    name: command,
    command,
    shell: null,
    environment: {},
    background: false,
    workingDirectory: null,
    noOutputTimeout: 600_000,
    when: "on_success",
    maxAutoReruns: 0,
    autoRerunDelay: 0,
    ...changes,
  };
}
