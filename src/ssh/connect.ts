import { UserError } from "../errors.ts";
import type { ExecResult, Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";
import { describeMismatch, explainSsh } from "./diagnose.ts";
import {
  type HostKey,
  type HostKeyRules,
  knownName,
  pinHints,
  pinsOf,
  readFingerprints,
} from "./host-keys.ts";
import { repairKey } from "./private-key.ts";
import { keyAlgorithms, keyCall, type SshSettings, shellCall, sshConfig } from "./ssh-call.ts";
import { showTarget, type Target } from "./target.ts";

export interface SshInput {
  readonly jump: Target | null;
  /** Null: those of the agent and of the user's configuration. */
  readonly key: Secret | null;
  readonly hostKeys: HostKeyRules;
}

export interface Ssh {
  /** Throws where the host's key is not known, or not the pinned one. Nothing is sent before. */
  verify(target: Target): Promise<void>;
  /** Runs a script on the host, line by line in sight; how it ended is the answer. */
  run(target: Target, script: string, options: RunOptions): Promise<ExecResult>;
  /** Why ssh itself, and not the script, has failed. */
  explain(target: Target, result: ExecResult): Promise<UserError>;
}

interface RunOptions {
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Works with hosts over ssh, with a configuration, a key and known hosts of its own that are gone afterwards. */
export async function withSsh<T>(host: Host, input: SshInput, work: (ssh: Ssh) => Promise<T>): Promise<T> {
  const folder = await host.files.makePrivateFolder();
  try {
    const settings: SshSettings = {
      folder,
      home: host.env.HOME || null,
      hasKey: input.key !== null,
      acceptNew: input.hostKeys.acceptNew,
      jump: null,
    };
    await host.files.write(`${folder}/config`, sshConfig(settings));
    const known = input.hostKeys.knownHosts.trim();
    await host.files.write(`${folder}/known_hosts`, known === "" ? "" : `${known}\n`);
    if (input.key !== null) await writeKey(host, folder, input.key);
    return await work(createSsh(host, input, settings));
  } finally {
    await host.files.removeFolder(folder);
  }
}

async function writeKey(host: Host, folder: string, key: Secret): Promise<void> {
  host.log.hide(key);
  const file = `${folder}/key`;
  await host.files.write(file, repairKey(key.reveal()), { mode: 0o600 });
  const result = await ask(host, ["ssh-keygen", "-y", "-P", "", "-f", file]);
  if (result.exitCode === 0) return;
  const isEncrypted = /passphrase/i.test(result.output);
  throw new UserError(
    "parameter.invalid",
    `Parameter \`ssh-key\` names a variable that holds ${isEncrypted ? "a key with a passphrase, which nobody can type here" : "no private key"}.`,
    {
      hints: [
        "Make a key for deploys alone: ssh-keygen -t ed25519 -N '' -f deploy, and put the whole file `deploy` into the variable.",
      ],
    },
  );
}

async function ask(host: Host, argv: readonly [string, ...string[]]): Promise<ExecResult> {
  return mustRun(argv[0], await host.exec(argv, { env: host.env }));
}

function mustRun(program: string, result: ExecResult | null): ExecResult {
  if (result !== null) return result;
  throw new UserError("ssh.missing", `There is no program \`${program}\` in this job.`, {
    hints: [
      "Use an image that has the OpenSSH client, such as cimg/base or cimg/node, or a machine executor.",
    ],
  });
}

function createSsh(host: Host, { jump, hostKeys }: SshInput, settings: SshSettings): Ssh {
  const { folder } = settings;
  const through = (target: Target): SshSettings => ({ ...settings, jump: target === jump ? null : jump });
  const expected = async (target: Target): Promise<readonly HostKey[]> => {
    const pins = pinsOf(target, hostKeys.pins).map((fingerprint) => ({ type: "", fingerprint }));
    if (hostKeys.knownHosts === "") return pins;
    const file = `${folder}/known_hosts`;
    const found = await ask(host, ["ssh-keygen", "-l", "-F", knownName(target), "-f", file]);
    return found.exitCode === 0 ? [...readFingerprints(found.stdout), ...pins] : pins;
  };

  /** The host key of a type, which is then in a file as known_hosts has it; none where the host has none. */
  const learn = async (target: Target, file: string, algorithms: string | null) => {
    const argv = keyCall(target, through(target), { file, algorithms });
    const result = await host.exec(argv, { env: host.env, signal: host.canceled });
    host.canceled.throwIfAborted();
    const line = await host.files.read(file);
    const listed = line ? await ask(host, ["ssh-keygen", "-l", "-f", file]) : null;
    return {
      line,
      output: result?.output ?? "",
      keys: listed === null ? [] : readFingerprints(listed.stdout),
    };
  };

  const matchPins = async (target: Target): Promise<void> => {
    const pins = pinsOf(target, hostKeys.pins);
    const offered: HostKey[] = [];
    for (const [index, algorithms] of [null, ...keyAlgorithms].entries()) {
      const file = `${folder}/offered-${knownName(target).replaceAll(/[^\w.-]/g, "_")}-${index}`;
      const { line, output, keys } = await learn(target, file, algorithms);
      if (keys.some(({ fingerprint }) => pins.includes(fingerprint))) {
        await host.files.append(`${folder}/known_hosts`, line ?? "");
        return;
      }
      offered.push(...keys.filter((key) => offered.every((other) => other.fingerprint !== key.fingerprint)));
      if (index === 0 && keys.length === 0) throw explainSsh(target, output, []);
    }
    throw describeMismatch(target, offered, await expected(target));
  };

  const verify = async (target: Target): Promise<void> => {
    const known = await expected(target);
    const pins = pinsOf(target, hostKeys.pins);
    if (known.length > pins.length) return; // ssh itself compares
    if (pins.length > 0) return matchPins(target);
    if (hostKeys.acceptNew) return;
    // Lines that ssh-keygen does not list, as of certificate authorities, are left to ssh.
    if (hostKeys.knownHosts.includes("@cert-authority")) return;
    throw new UserError("ssh.host-key-unknown", `Nothing says what host key ${showTarget(target)} has.`, {
      hints: pinHints(target),
    });
  };

  let verifiedJump: Promise<void> | null = null;
  return {
    async verify(target) {
      if (jump !== null) {
        verifiedJump ??= verify(jump);
        await verifiedJump;
      }
      await verify(target);
    },
    async run(target, script, { onLine, signal }) {
      const result = await host.exec(shellCall(target, through(target)), {
        env: host.env,
        input: script,
        onLine,
        ...(signal !== undefined && { signal }),
      });
      return mustRun("ssh", result);
    },
    async explain(target, { output }) {
      const wrong =
        jump !== null && output.includes(knownName(jump)) && /host key/i.test(output) ? jump : target;
      return explainSsh(wrong, output, await expected(wrong));
    },
  };
}
