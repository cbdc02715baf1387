import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts, openRegistry, openSshHost, openWire } from "../support/delivery.ts";
import { makeFolder } from "../support/folders.ts";
import { available } from "../support/require.ts";
import { run } from "../support/run.ts";
import { outputOf, runProjects } from "../support/simulator.ts";
import { composedContainers } from "../support/ssh/containers.ts";
import { uploadReleaseImage } from "../support/ssh/release-image.ts";
import { composePlugin, type SshHost } from "../support/ssh/ssh-host.ts";

/** The hosts of these tests are real: what goes wrong with a real one goes wrong with them. */

interface Way {
  readonly address?: string;
  readonly port?: number;
  readonly key?: string;
  readonly known?: string;
  readonly options?: readonly string[];
}

/** Runs a script on a host as somebody would who knows its keys. */
async function onHost(
  host: SshHost,
  script: string,
  way: Way = {},
): Promise<readonly [number | null, string]> {
  const { address = host.address, port = host.port, key = host.key.file, options = [] } = way;
  const known = (way.known ?? host.knownHosts).replaceAll(/^\S+/gm, "host");
  const files = makeFolder({ known });
  const { exitCode, output } = await run(
    "ssh",
    [
      ...["-F", "none", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"],
      ...["-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${join(files, "known")}`],
      ...["-o", "GlobalKnownHostsFile=none", "-o", "StrictHostKeyChecking=yes", "-o", "HostKeyAlias=host"],
      ...["-o", "LogLevel=ERROR", ...options, "-p", String(port), `${host.user}@${address}`, "sh -s"],
    ],
    { input: script },
  );
  return [exitCode, output];
}

const canHost = hasSshHosts();
const hasPlugin = available("compose-plugin", () =>
  existsSync(composePlugin) ? null : `there is no ${composePlugin}`,
);

describe.runIf(canHost).concurrent("a host", () => {
  test("lets its key in, and no other", async () => {
    const [host, other] = await Promise.all([openSshHost({ engine: false }), openSshHost({ engine: false })]);
    const look = 'echo "$(id -un) $HOME $PWD"; ls -A ~ && ls -A /tmp';
    expect([await onHost(host, look), await onHost(host, look, { key: other.key.file })]).toEqual([
      [0, `deploy ${host.home} ${host.home}\n`],
      [255, expect.stringContaining("Permission denied (publickey)")],
    ]);
  });

  test("shows keys of three types, and others after a change", async () => {
    const host = await openSshHost({ engine: false });
    const before = host.knownHosts;
    for (const type of ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512"]) {
      const options = ["-o", `HostKeyAlgorithms=${type}`];
      expect(await onHost(host, "echo here", { options })).toEqual([0, "here\n"]);
    }
    await host.changeHostKeys();
    expect([await onHost(host, "echo here"), await onHost(host, "echo here", { known: before })]).toEqual([
      [0, "here\n"],
      [255, expect.stringContaining("REMOTE HOST IDENTIFICATION HAS CHANGED")],
    ]);
  });

  test("keeps what runs on it, its files and its command lines apart from this machine", async () => {
    const host = await openSshHost({ engine: false, trace: true });
    const script =
      "touch /tmp/a ~/b; mkdir ~/c; touch ~/c/d; sleep 4321 >/dev/null 2>&1 & ps -A -o comm= | grep -c sshd";
    expect([await onHost(host, script), host.files()]).toEqual([
      [0, "3\n"],
      ["/tmp/a", "~/b", "~/c/d"],
    ]);
    expect(host.commandLines()).toContain('["sleep", "4321"]');
    await host.shutDown();
    expect(await onHost(host, "echo here")).toEqual([255, expect.stringContaining("Connection refused")]);
    await host.startUp();
    expect(await onHost(host, "ps -A -o comm= | grep -c sleep")).toEqual([1, "0\n"]);
  });

  test("is a way to another one", async () => {
    const [jump, host] = await Promise.all([openSshHost({ engine: false }), openSshHost({ engine: false })]);
    const through = `ssh -F none -i ${jump.key.file} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -p ${jump.port} -W %h:%p ${jump.user}@${jump.address}`;
    const [exitCode, output] = await onHost(host, "echo ${SSH_CONNECTION%% *}", {
      options: ["-o", `ProxyCommand=${through}`],
    });
    expect([exitCode, output, jump.log().includes("Accepted publickey")]).toEqual([0, `127.0.0.1\n`, true]);
  });
});

describe.runIf(canHost).concurrent("a job with add_ssh_keys", () => {
  test("reaches a host by plain ssh, as on the service", async () => {
    const [host, other] = await Promise.all([openSshHost({ engine: false }), openSshHost({ engine: false })]);
    const login = (there: SshHost) => `ssh -o BatchMode=yes -p ${there.port} ${there.user}@${there.address}`;
    const config = `
version: 2.1
jobs:
  deploy:
    docker: [{ image: cimg/base:2024.01 }]
    steps:
      - add_ssh_keys: { fingerprints: ["${host.key.fingerprint}"] }
      - run: ssh-keyscan -p ${host.port} ${host.address} ${other.address} > ~/.ssh/known_hosts 2>/dev/null
      - run: ${login(host)} id -un
      - run: "! ${login(other)} id -un"
workflows: { release: { jobs: [deploy] } }
`;
    const keys = `{ ${JSON.stringify(host.key.fingerprint)}: ${host.key.file} }`;
    const report = await runProjects(
      { "gh/acme/app": config },
      `{ projects: { gh/acme/app: { ssh-keys: ${keys} } }, trigger: [{ project: gh/acme/app }] }`,
    );
    expect([report.outcome, outputOf(report, "deploy").split("\n")]).toEqual([
      "success",
      [
        `Installed the key ${host.key.fingerprint}`,
        "deploy",
        expect.stringContaining("Permission denied (publickey)"),
        "",
      ],
    ]);
  });
});

describe.runIf(canHost && hasRegistry()).concurrent("an engine on a host", () => {
  const compose = `version: "2.4"
services:
  web: { image: "\${IMAGE}", network_mode: none }
`;

  test.for([
    ["docker-compose", "docker-compose", "docker compose"],
    ["plugin", "docker compose", "docker-compose"],
  ] as const)("runs what %s is told, and the host knows no other", async ([kind, has, lacks], { skip }) => {
    if (kind === "plugin" && !hasPlugin) skip();
    const [host, registry] = await Promise.all([openSshHost({ compose: kind }), openRegistry()]);
    const { digest, id } = await uploadReleaseImage({ registry, repository: "shop", version: "1" });
    const script = `set -e
      ${lacks} version >/dev/null 2>&1 && exit 9
      cat > compose.yml <<'END'
${compose}END
      echo ${registry.password} | docker login -u ${registry.user} --password-stdin ${registry.address} >/dev/null 2>&1
      export IMAGE=${registry.address}/shop@${digest}
      ${has} -f compose.yml -p shop pull -q >/dev/null 2>&1
      ${has} -f compose.yml -p shop up -d >/dev/null 2>&1
      docker exec $(docker ps -q) /bin/busybox wget -q -O - http://127.0.0.1:8080/version`;
    if (host.engine === null) throw new Error("The host has no engine.");
    expect([await onHost(host, script), await composedContainers(host.engine, "shop")]).toEqual([
      [0, "1"],
      [`web ${id} running`],
    ]);
  });
});

describe.runIf(canHost).concurrent("the wire to a host", () => {
  test("is as slow as it is told", async () => {
    const host = await openSshHost({ engine: false });
    const wire = await openWire({ to: host, delay: 100 });
    const start = Date.now();
    expect(await onHost(host, "echo here", wire)).toEqual([0, "here\n"]);
    expect(Date.now() - start).toBeGreaterThan(1000); // an SSH connection takes at least five rounds
  });

  test("breaks on demand, and after so many bytes", async () => {
    const host = await openSshHost({ engine: false });
    const [wire, short] = await Promise.all([
      openWire({ to: host }),
      openWire({ to: host, cutAfter: 10_000 }),
    ]);
    const long = onHost(host, "echo here; sleep 4322", wire);
    const lots = onHost(host, "head -c 100000 /dev/zero", short);
    await wire.untilAnswered(2000);
    await wire.cut("refuse");
    expect([(await long)[0], (await lots)[0], (await onHost(host, "echo here", wire))[0]]).toEqual([
      255, 255, 255,
    ]);
  });
});
