import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./cache.ts";
import { startServer } from "./server-process.ts";

/** moto, a foreign imitation of AWS: it plays STS, and is the second opinion about the shapes of ECR's answers. */
export interface Moto {
  /** `http://127.0.0.1:40123`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Why moto cannot be started here, or null. */
export function motoObstacle(): string | null {
  return findMoto() === null ? "scripts/services has not installed it" : null;
}

export async function startMoto(): Promise<Moto> {
  const server = await startServer({
    command: join(findMoto() ?? "", "bin/moto_server"),
    args: ["--host", "127.0.0.1", "--port", "0"],
    env: { PATH: process.env.PATH, PYTHONUNBUFFERED: "1" },
    ready: /Running on (http:\/\/127\.0\.0\.1:\d+)/,
  });
  return { url: server.match[1] ?? "", stop: server.stop };
}

function findMoto(): string | null {
  const names = existsSync(cacheFolder) ? readdirSync(cacheFolder) : [];
  const folders = names.filter((name) => name.startsWith("moto-")).map((name) => join(cacheFolder, name));
  return folders.findLast((folder) => existsSync(join(folder, "ready"))) ?? null;
}
