import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { exists } from "./file-tree.ts";
import type { JobFolder } from "./job-folder.ts";

/**
 * Puts an `ssh` on the job's PATH that takes its configuration, keys and known hosts from HOME. OpenSSH's own looks
 * into the home of the account, which on this machine is the user's.
 */
export async function installSsh(folder: JobFolder): Promise<void> {
  const program = await find("ssh");
  if (program === null) return;
  const own = join(folder.home, ".ssh");
  const config = join(folder.tools, "ssh_config");
  const keys = ["id_rsa", "id_ecdsa", "id_ed25519"].map((name) => join(own, name));
  const lines = [
    `Include "${join(own, "config")}"`,
    // ssh complains of a named key that is not there.
    ...keys.flatMap((key) => [`Match exec "test -e ${quote(key)}"`, `IdentityFile "${key}"`]),
    "Host *",
    "IdentityFile none", // or it would try the account's
    `UserKnownHostsFile "${join(own, "known_hosts")}"`,
    "Include /etc/ssh/ssh_config",
    "",
  ];
  await writeFile(config, lines.join("\n"));
  const script = `#!/bin/sh\nexec ${quote(program)} -F ${quote(config)} "$@"\n`;
  await writeFile(join(folder.tools, "ssh"), script, { mode: 0o755 });
}

async function find(name: string): Promise<string | null> {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (await exists(join(folder, name))) return join(folder, name);
  }
  return null;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
