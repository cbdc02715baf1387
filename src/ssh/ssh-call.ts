import type { Target } from "./target.ts";

export interface SshSettings {
  /** Private to this step. */
  readonly folder: string;
  /** Of the user whose configuration counts, or null. */
  readonly home: string | null;
  /** Whether there is a key of our own in the folder. */
  readonly hasKey: boolean;
  readonly acceptNew: boolean;
  readonly jump: Target | null;
}

/**
 * The configuration for all hosts of this step. In ssh the first word counts: what stands here comes before what the
 * user's own says, which still brings its keys (`add_ssh_keys`), aliases and proxies. It is a file and not options,
 * since ssh hands only the file on to the ssh that it starts for a jump.
 */
export function sshConfig({ folder, home, hasKey, acceptNew }: SshSettings): string {
  const lines = [
    "BatchMode yes",
    `StrictHostKeyChecking ${acceptNew ? "accept-new" : "yes"}`,
    `UserKnownHostsFile ${folder}/known_hosts`,
    "GlobalKnownHostsFile /dev/null",
    "CheckHostIP no",
    "UpdateHostKeys no",
    "VerifyHostKeyDNS no",
    "HashKnownHosts no",
    "ConnectTimeout 15",
    "ServerAliveInterval 10",
    "ServerAliveCountMax 3",
    "ControlMaster no",
    "ControlPath none",
    "ForwardAgent no",
    "ForwardX11 no",
    "RequestTTY no",
    "LogLevel INFO",
    ...(hasKey ? [`IdentityFile ${folder}/key`, "IdentitiesOnly yes", "IdentityAgent none"] : []),
  ];
  const includes = [...(home === null ? [] : [`"${home}/.ssh/config"`]), "/etc/ssh/ssh_config"];
  return `Host *\n${lines.map((line) => `  ${line}\n`).join("")}${includes.map((file) => `Include ${file}\n`).join("")}`;
}

/** One connection that runs a POSIX shell on the host; the script comes on standard input. */
export function shellCall(target: Target, settings: SshSettings): readonly [string, ...string[]] {
  return ["ssh", ...reach(target, settings), "--", target.host, "sh"];
}

/** Learns the host key and goes no further: no way to log in is offered. */
export function keyCall(
  target: Target,
  settings: SshSettings,
  { file, algorithms }: { readonly file: string; readonly algorithms: string | null },
): readonly [string, ...string[]] {
  const options = [
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${file}`,
    "PreferredAuthentications=none",
    ...(algorithms === null ? [] : [`HostKeyAlgorithms=${algorithms}`]),
  ];
  return [
    "ssh",
    ...options.flatMap((option) => ["-o", option]),
    ...reach(target, settings),
    "--",
    target.host,
    "true",
  ];
}

function reach({ user, port }: Target, { folder, jump }: SshSettings): readonly string[] {
  return [
    ...["-F", `${folder}/config`, "-T", "-o", "ClearAllForwardings=yes"],
    ...(jump === null
      ? []
      : ["-J", `${jump.user}@${bracket(jump.host)}${jump.port === null ? "" : `:${jump.port}`}`]),
    ...(port === null ? [] : ["-p", String(port)]),
    ...["-l", user],
  ];
}

function bracket(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The key types that a host may be asked for by name, the best first. */
export const keyAlgorithms = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521",
  "rsa-sha2-512,rsa-sha2-256",
] as const;
