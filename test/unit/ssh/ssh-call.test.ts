import { expect, test } from "vitest";
import { keyCall, type SshSettings, shellCall, sshConfig } from "../../../src/ssh/ssh-call.ts";

const settings: SshSettings = {
  folder: "/tmp/private",
  home: "/home/circleci",
  hasKey: true,
  acceptNew: false,
  jump: null,
};
const jump = { user: "jump", host: "::1", port: 2200 };
const target = { user: "deploy", host: "10.0.0.1", port: 2222 };

test("comes before what the user's own configuration says, which still counts for the rest", () => {
  expect(sshConfig(settings)).toBe(`Host *
  BatchMode yes
  StrictHostKeyChecking yes
  UserKnownHostsFile /tmp/private/known_hosts
  GlobalKnownHostsFile /dev/null
  CheckHostIP no
  UpdateHostKeys no
  VerifyHostKeyDNS no
  HashKnownHosts no
  ConnectTimeout 15
  ServerAliveInterval 10
  ServerAliveCountMax 3
  ControlMaster no
  ControlPath none
  ForwardAgent no
  ForwardX11 no
  RequestTTY no
  LogLevel INFO
  IdentityFile /tmp/private/key
  IdentitiesOnly yes
  IdentityAgent none
Include "/home/circleci/.ssh/config"
Include /etc/ssh/ssh_config
`);
  const without = sshConfig({ ...settings, hasKey: false, home: null, acceptNew: true });
  expect(without).not.toContain("Identit");
  expect(without).toContain("StrictHostKeyChecking accept-new\n");
});

test("runs a shell on the host, which gets its script on standard input", () => {
  const fixed = ["ssh", "-F", "/tmp/private/config", "-T", "-o", "ClearAllForwardings=yes"];
  expect(shellCall({ ...target, port: null }, settings)).toEqual([
    ...fixed,
    "-l",
    "deploy",
    "--",
    "10.0.0.1",
    "sh",
  ]);
  expect(shellCall(target, { ...settings, jump })).toEqual([
    ...[...fixed, "-J", "jump@[::1]:2200"],
    ...["-p", "2222", "-l", "deploy", "--", "10.0.0.1", "sh"],
  ]);
});

test("asks a host for its key of one type, and offers no way to log in", () => {
  expect(keyCall(target, settings, { file: "/tmp/private/offered", algorithms: "ssh-ed25519" })).toEqual([
    ...["ssh", "-o", "StrictHostKeyChecking=accept-new", "-o", "UserKnownHostsFile=/tmp/private/offered"],
    ...["-o", "PreferredAuthentications=none", "-o", "HostKeyAlgorithms=ssh-ed25519"],
    ...["-F", "/tmp/private/config", "-T", "-o", "ClearAllForwardings=yes"],
    ...["-p", "2222", "-l", "deploy", "--", "10.0.0.1", "true"],
  ]);
});
