import { execFile } from "node:child_process";
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { NodeContext } from "./node-context.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

/** Writes the named keys of the project, or all of them, below ~/.ssh, and has ssh and the job's agent offer them. */
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
    const source = context.sshKeys.get(fingerprint) ?? "";
    const draft = join(folder, "key");
    await writeFile(draft, await readFile(source), { mode: 0o600 });
    const description = await runOpenSsh(context, source, "ssh-keygen", "-l", "-E", "md5", "-f", draft);
    const [, md5 = ""] = / MD5:(\S+) /.exec(description) ?? [];
    const file = join(folder, `id_rsa_${md5.replaceAll(":", "")}`);
    await rename(draft, file);
    await runOpenSsh(context, source, "ssh-add", "-q", file);
    const entry = `Host *\n  IdentitiesOnly no\n  IdentityFile ${file}\n`;
    await appendFile(join(folder, "config"), entry, { mode: 0o600 });
    log.line(`Installed the key ${fingerprint}`);
  }
}

async function runOpenSsh(
  context: NodeContext,
  key: string,
  program: string,
  ...args: readonly string[]
): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { env: context.environment })).stdout;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new StepFailure(`${key} cannot be used: ${words}`);
  }
}
