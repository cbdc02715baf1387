import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { available } from "./require.ts";
import { run } from "./run.ts";

const program = join(cacheFolder, "bin", "circleci-cli");

/** To be called where tests are declared. */
export function hasCircleciCli(): boolean {
  return available("circleci-cli", () => (existsSync(program) ? null : `${program} is missing`));
}

/** Runs CircleCI's own program in a folder that is its HOME, too: what its user has set up is not this test's. */
export function circleci(
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number | null; readonly output: string; readonly stdout: string }> {
  const { PATH = "" } = process.env;
  return run(program, args, {
    cwd: folder,
    env: {
      PATH,
      HOME: folder,
      CIRCLECI_CLI_TELEMETRY_OPTOUT: "1",
      CIRCLECI_CLI_SKIP_UPDATE_CHECK: "true",
      ...env,
    },
  });
}
