import type { Host } from "../host/host.ts";
import { within } from "../host/within.ts";

/** For one call, in milliseconds. */
const patience = 30_000;

export interface Deployment {
  /** Unique in the workflow. */
  readonly name: string;
  readonly environment: string;
  readonly component: string;
  readonly version: string;
  readonly isRollback: boolean;
}

/** CircleCI's own record of deploys. It never fails one: a program that is missing or refuses is only mentioned. */
export interface Markers {
  plan(): Promise<void>;
  end(status: "SUCCESS" | "FAILED" | "CANCELED", reason: string): Promise<void>;
}

export function openMarkers(host: Host, deployment: Deployment): Markers {
  let isPlanned = false;
  const call = async (args: readonly string[]): Promise<boolean> => {
    const result = await within(host, patience, (signal) =>
      host.exec(["circleci", "run", "release", ...args], { env: host.env, signal }),
    );
    if (result === null) return false;
    if (result.exitCode === 0) return true;
    host.log.warn(`circleci run release ${args[0]} failed: ${result.output.trim().split("\n").at(-1) ?? ""}`);
    return false;
  };
  return {
    async plan() {
      isPlanned = await call(planArguments(deployment));
      if (isPlanned) await call(["update", deployment.name, "--status=RUNNING"]);
    },
    async end(status, reason) {
      if (!isPlanned) return;
      await call([
        "update",
        deployment.name,
        `--status=${status}`,
        ...(reason === "" ? [] : [`--failure-reason=${reason}`]),
      ]);
    },
  };
}

function planArguments({ name, environment, component, version, isRollback }: Deployment): readonly string[] {
  return [
    "plan",
    name,
    `--environment-name=${environment}`,
    `--component-name=${component}`,
    `--target-version=${version}`,
    ...(isRollback ? ["--rollback"] : []),
  ];
}
