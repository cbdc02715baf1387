import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { startServer } from "./server-process.ts";

/** BuildKit's own daemon: a builder that can do what the one inside an engine cannot. */
export interface Buildkit {
  /** For `docker buildx create --driver remote`. */
  readonly address: string;
  stop(): Promise<void>;
}

const program = join(cacheFolder, "bin/buildkitd");

/** Why it cannot be started here, or null. */
export function buildkitObstacle(): string | null {
  if (process.getuid?.() !== 0) return "it must be started as root";
  return existsSync(program) ? null : `${program} is missing`;
}

/** It takes registries on this machine without TLS by itself. */
export async function startBuildkit(): Promise<Buildkit> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-buildkit-"));
  const address = `unix://${join(folder, "socket")}`;
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const { stop } = await startServer({
      command: program,
      args: [
        ...["--root", join(folder, "root"), "--addr", address, "--config", join(folder, "none.toml")],
        ...["--oci-worker-snapshotter=native", "--containerd-worker=false"],
      ],
      ready: /running server on/,
    });
    return {
      address,
      async stop() {
        await stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
