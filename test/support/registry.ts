import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { startServer } from "./server-process.ts";
import { findProgram } from "./toolbox.ts";

/** A real registry on a free port of this machine, empty at first, which one user with a password may use. */
export interface Registry {
  /** `127.0.0.1:40123`. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
  log(): string;
  stop(): Promise<void>;
}

/** Why no registry can be started here, or null. */
export function registryObstacle(): string | null {
  const missing = ["docker-registry", "htpasswd"].filter((name) => findProgram(name) === null);
  return missing.length === 0 ? null : `${missing.join(", ")} not on PATH`;
}

export interface RegistryOptions {
  /** Everybody may read and write, without a password. */
  readonly open?: boolean;
}

export async function startRegistry({ open = false }: RegistryOptions = {}): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-registry-"));
  const [user, password] = ["registry-user", "password-of-the-registry"];
  const users = execFileSync("htpasswd", ["-niB", "-C", "4", user], { input: password, encoding: "utf8" });
  writeFileSync(join(folder, "users"), users);
  const config = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: join(folder, "storage") },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: "127.0.0.1:0", secret: "shared by the parts of one upload" },
    ...(!open && { auth: { htpasswd: { realm: "registry", path: join(folder, "users") } } }),
  };
  writeFileSync(join(folder, "config.yml"), stringify(config));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await startServer({
      command: "docker-registry",
      args: ["serve", join(folder, "config.yml")],
      ready: /listening on (127\.0\.0\.1:\d+)/,
    });
    return {
      address: server.match[1] ?? "",
      user,
      password,
      log: server.log,
      async stop() {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
