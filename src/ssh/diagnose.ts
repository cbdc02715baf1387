import { UserError } from "../errors.ts";
import { type HostKey, pinHints } from "./host-keys.ts";
import { showTarget, type Target } from "./target.ts";

/** Why ssh itself failed, from what it printed. `expected` are the keys that the host is known by. */
export function explainSsh(target: Target, output: string, expected: readonly HostKey[]): UserError {
  const name = showTarget(target);
  const offered = /fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:\S+?)\.?\s/.exec(
    output,
  );
  if (offered !== null) {
    return describeMismatch(target, [{ type: offered[1] ?? "", fingerprint: offered[2] ?? "" }], expected);
  }
  const last = output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  if (/host key is known for|Host key verification failed/.test(output)) {
    return new UserError(
      "ssh.host-key-unknown",
      `The key of ${name} is not among those that are pinned: ${last}`,
      {
        hints: pinHints(target),
      },
    );
  }
  if (/Permission denied|Too many authentication failures|no mutual signature/.test(output)) {
    return new UserError("ssh.unauthorized", `${name} refuses the key: ${last}`, {
      hints: [
        "Put the public half of the key into ~/.ssh/authorized_keys of that user on that host.",
        "The private half comes from the step `add_ssh_keys` before this one, or from the variable that `ssh-key` names.",
      ],
    });
  }
  return new UserError("ssh.unreachable", `${name} cannot be reached: ${last || "ssh said nothing"}`, {
    hints: ["Check host, port and `jump`, and whether its firewall lets CircleCI's machines in."],
  });
}

export function describeMismatch(
  target: Target,
  offered: readonly HostKey[],
  expected: readonly HostKey[],
): UserError {
  const show = (keys: readonly HostKey[]) =>
    keys.map(({ type, fingerprint }) => `${type} ${fingerprint}`.trim()).join(", ") || "none";
  return new UserError(
    "ssh.host-key-mismatch",
    `${showTarget(target)} is not the host that is pinned: it offers ${show(offered)}, expected ${show(expected)}.`,
    {
      hints: [
        "If its key was changed on purpose, pin the new one. If not, somebody may be in between: nothing was sent there.",
      ],
    },
  );
}
