import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasSshHosts, openSshHost } from "../support/delivery.ts";
import { makeFolder } from "../support/folders.ts";
import { run } from "../support/run.ts";
import { startServer } from "../support/server-process.ts";
import { deploy, openDeployJob } from "../support/ssh/deploy.ts";
import type { SshHost } from "../support/ssh/ssh-host.ts";

/** These hosts have no engine: whoever gets in and may ask for it hears that, and nothing is changed there. */

const compose = "services: { web: { image: 'busybox:stable' } }\n";
const gotIn = { exitCode: 4, errorCode: "docker.unreachable" };

async function tryOut(
  host: SshHost,
  parameters: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
) {
  const job = openDeployJob([host], { files: { "docker-compose.yml": compose }, env });
  const result = await deploy(job, { hosts: host.destination, ...parameters });
  return { ...result, leftovers: job.leftovers() };
}

const bare = () => openSshHost({ engine: false });

describe.runIf(hasSshHosts()).concurrent("ssh-deploy", () => {
  test("refuses a host whose key is not pinned, says how to pin it, and never connects", async () => {
    const host = await bare();
    const result = await tryOut(host, { "known-hosts": "" });
    expect(result).toMatchObject({ exitCode: 2, errorCode: "ssh.host-key-unknown", leftovers: [] });
    expect(result.stderr).toContain(`ssh-keyscan -p ${host.port} ${host.address}`);
    expect(host.log()).not.toContain("Connection from");
  });

  test("takes a host by a fingerprint of any of its keys", async () => {
    const host = await bare();
    for (const type of ["ed25519", "ecdsa", "rsa"] as const) {
      const pin = { "known-hosts": "", "host-key-fingerprints": host.hostKeys[type].fingerprint };
      expect(await tryOut(host, pin)).toMatchObject({ ...gotIn, leftovers: [] });
    }
  });

  test("refuses a host with other keys, and names what it offers and what was expected", async () => {
    const [host, other] = await Promise.all([bare(), bare()]);
    const expected = other.hostKeys.ed25519.fingerprint;
    const byFingerprint = await tryOut(host, { "known-hosts": "", "host-key-fingerprints": expected });
    expect(byFingerprint).toMatchObject({ exitCode: 3, errorCode: "ssh.host-key-mismatch" });
    for (const { fingerprint } of Object.values(host.hostKeys)) {
      expect(byFingerprint.stderr).toContain(fingerprint);
    }
    expect(byFingerprint.stderr).toContain(`expected ${expected}`);

    const offered = host.hostKeys.ed25519.fingerprint;
    const known = `[${host.address}]:${host.port} ${other.hostKeys.ed25519.publicKey}`;
    const byKnownHosts = await tryOut(host, { "known-hosts": known });
    expect(byKnownHosts).toMatchObject({ exitCode: 3, errorCode: "ssh.host-key-mismatch", leftovers: [] });
    expect(byKnownHosts.stderr).toContain(
      `${host.destination} is not the host that is pinned: it offers ED25519 ${offered}, expected ED25519 ${expected}.`,
    );
    expect(host.log()).not.toContain("Accepted");
  });

  test("takes a host as it comes where accept-new is said, but not against a pin", async () => {
    const [host, other] = await Promise.all([bare(), bare()]);
    const taken = await tryOut(host, { "known-hosts": "", "host-key-check": "accept-new" });
    expect(taken).toMatchObject(gotIn);
    expect(taken.stderr).toContain("Warning: A host key that is not pinned is taken as it comes");
    const pin = { "host-key-fingerprints": other.hostKeys.rsa.fingerprint, "host-key-check": "accept-new" };
    expect(await tryOut(host, { "known-hosts": "", ...pin })).toMatchObject({
      exitCode: 3,
      errorCode: "ssh.host-key-mismatch",
    });
  });

  test("goes through another host, whose key is pinned as well", async () => {
    const host = await bare();
    const jump = await openSshHost({ engine: false, key: host.key });
    const ways = [
      { "known-hosts": host.knownHosts + jump.knownHosts },
      {
        "known-hosts": "",
        "host-key-fingerprints": `${host.address} ${host.hostKeys.rsa.fingerprint}\n${jump.address} ${jump.hostKeys.ecdsa.fingerprint}`,
      },
    ];
    for (const way of ways) {
      expect(await tryOut(host, { ...way, jump: jump.destination })).toMatchObject(gotIn);
    }
    expect(host.log()).toMatch(/Accepted publickey for deploy from 127\.0\.0\.1/);
    expect(await tryOut(host, { "known-hosts": host.knownHosts, jump: jump.destination })).toMatchObject({
      exitCode: 2,
      errorCode: "ssh.host-key-unknown",
      stderr: expect.stringContaining(`what host key ${jump.destination} has`),
    });
  });

  test("tells a refused key from a host that is down", async () => {
    const [host, other] = await Promise.all([bare(), bare()]);
    const { key } = other;
    const job = openDeployJob([{ ...other, key, knownHosts: host.knownHosts } as SshHost], {
      files: { "docker-compose.yml": compose },
    });
    expect(await deploy(job, { hosts: host.destination })).toMatchObject({
      exitCode: 3,
      errorCode: "ssh.unauthorized",
      stderr: expect.stringContaining(`${host.destination} refuses the key`),
    });
    await host.shutDown();
    expect(await tryOut(host, {})).toMatchObject({
      exitCode: 4,
      errorCode: "ssh.unreachable",
      stderr: expect.stringContaining("Connection refused"),
      leftovers: [],
    });
  });

  test("refuses a variable that holds no key, or one with a passphrase, and shows neither", async () => {
    const host = await bare();
    const file = join(makeFolder(), "key");
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "hunter2", "-f", file], {});
    const locked = readFileSync(file, "utf8");
    for (const [key, words] of [
      ["hunter2-is-no-key", "holds no private key"],
      [locked, "holds a key with a passphrase, which nobody can type here"],
    ] as const) {
      const result = await tryOut(host, {}, { DEPLOY_SSH_KEY: key });
      expect(result).toMatchObject({ exitCode: 2, errorCode: "parameter.invalid", leftovers: [] });
      expect(result.stderr).toContain(words);
      const printed = result.stdout + result.stderr;
      expect(key.split("\n").filter((line) => line.length > 20 && printed.includes(line))).toEqual([]);
      expect(printed).not.toContain("hunter2");
    }
    expect(host.log()).not.toContain("Connection from");
  });

  test("logs in with a key of the agent, or with one that add_ssh_keys has installed", async () => {
    const host = await bare();
    const folder = makeFolder();
    const socket = join(folder, "agent");
    const agent = await startServer({
      command: "ssh-agent",
      args: ["-D", "-a", socket],
      ready: /SSH_AUTH_SOCK/,
    });
    try {
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      expect((await run("ssh-add", ["-q", host.key.file], { env })).exitCode).toBe(0);
      expect(await tryOut(host, {}, { DEPLOY_SSH_KEY: "", SSH_AUTH_SOCK: socket })).toMatchObject(gotIn);
    } finally {
      await agent.stop();
    }
    // The service leaves a file for each key, and a configuration that names them.
    mkdirSync(join(folder, ".ssh"));
    writeFileSync(
      join(folder, ".ssh/config"),
      `Host *\n  IdentitiesOnly no\n  IdentityFile ${host.key.file}\n`,
      { mode: 0o600 },
    );
    const byFile = await tryOut(host, {}, { DEPLOY_SSH_KEY: "", HOME: folder });
    expect(byFile).toMatchObject({ ...gotIn, leftovers: [] });
    expect(await tryOut(host, {}, { DEPLOY_SSH_KEY: "" })).toMatchObject({
      exitCode: 3,
      errorCode: "ssh.unauthorized",
    });
  });

  test("prints the script without secrets, and connects to nothing", async () => {
    const host = await bare();
    const job = openDeployJob([host], {
      files: { "docker-compose.yml": compose },
      env: {
        SECRET: "hunter2-and-more",
        OTHER: "hunter4's",
        REGISTRY_USER: "bot",
        REGISTRY_PASSWORD: "hunter3-and-more",
      },
    });
    const parameters = {
      hosts: host.destination,
      "dry-run": "true",
      env: "SECRET\nPLAIN=seen",
      "run-once": "web ./migrate ${OTHER} -n 5",
      "probe-url": "http://bot:${OTHER}@127.0.0.1:1/",
    };
    const { exitCode, stdout, stderr } = await deploy(job, parameters);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("export SECRET='\\''[secret]'\\''\nexport PLAIN='\\''seen'\\''");
    expect(stdout).toContain("\nrun_once='web ./migrate [secret] -n 5'\n");
    expect(stdout).toContain("\nprobe_url='http://bot:[secret]@127.0.0.1:1/'\n");
    expect(stdout).not.toContain("hunter");
    expect(host.log()).not.toContain("Connection from");
  });

  test("ends well where no host is for the branch, unless one is required", async () => {
    const job = openDeployJob([], { files: { "docker-compose.yml": compose } });
    expect(await deploy(job, { hosts: "master: a@b" })).toMatchObject({
      exitCode: 0,
      stdout: "No line of `hosts` is for develop: there is nothing to do.\n",
    });
    expect(await deploy(job, { hosts: "master: a@b", "require-host": "true" })).toMatchObject({
      exitCode: 5,
      errorCode: "host.not-found",
    });
  });
});
