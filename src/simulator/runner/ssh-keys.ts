import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { NodeContext } from "./node-context.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

/** Writes the named keys of the project, or all of them, below ~/.ssh and has ssh's configuration offer them. */
export async function addSshKeys(
  context: NodeContext,
  fingerprints: readonly string[],
  log: StepLog,
): Promise<void> {
  const wanted = fingerprints.length === 0 ? [...context.sshKeys.keys()] : fingerprints;
  const missing = wanted.filter((fingerprint) => !context.sshKeys.has(fingerprint));
  if (missing.length > 0) {
    throw new StepFailure(`The project has no SSH key with the fingerprint(s) ${missing.join(", ")}`);
  }
  const folder = join(context.folder.home, ".ssh");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const fingerprint of wanted) {
    const file = join(folder, `id_rsa_${nameOf(fingerprint)}`);
    await writeFile(file, await readFile(context.sshKeys.get(fingerprint) ?? ""), { mode: 0o600 });
    const entry = `Host *\n  IdentitiesOnly no\n  IdentityFile ${file}\n`;
    await appendFile(join(folder, "config"), entry, { mode: 0o600 });
    log.line(`Installed the key ${fingerprint}`);
  }
}

function nameOf(fingerprint: string): string {
  return fingerprint.replace(/^SHA256:/, "").replaceAll(/[^0-9A-Za-z]/g, "");
}
