import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realHost } from "../../src/host/real.ts";
import { Secret } from "../../src/secret.ts";
import { type SshInput, withSsh } from "../../src/ssh/connect.ts";
import { run } from "../../test/support/run.ts";
import { type SshHost, startSshHost } from "../../test/support/ssh/ssh-host.ts";
import { startWire } from "../../test/support/ssh/wire.ts";
import { atEnd, inTurns, type Row } from "./row.ts";

const action = "id -un";
const count = 10;

let opened: Promise<SshHost> | null = null;

async function open(): Promise<SshHost> {
  const host = await startSshHost({ engine: false });
  atEnd(() => host.stop());
  return host;
}

/** Ten times the same small thing on a host that is so many milliseconds away and back. */
export async function compareActions(away: number): ReturnType<Row["measure"]> {
  opened ??= open();
  const host = await opened;
  const wire = await startWire({ to: host, delay: away / 2 });
  atEnd(() => wire.stop());
  const folder = mkdtempSync(join(tmpdir(), "circleback-bench-"));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const { user, key } = host;
  const knownHosts = host.knownHosts.replaceAll(/^\S+/gm, `[${wire.address}]:${wire.port}`);
  writeFileSync(join(folder, "known_hosts"), knownHosts);

  const target = { user, host: wire.address, port: wire.port };
  const input: SshInput = {
    jump: null,
    key: new Secret(readFileSync(key.file, "utf8")),
    hostKeys: { knownHosts, pins: [], acceptNew: false },
  };
  const worker = realHost();
  const expected = `${user}\n`.repeat(count);
  const measure = async (work: () => Promise<string>): Promise<number> => {
    const start = performance.now();
    const printed = await work();
    const took = performance.now() - start;
    if (printed !== expected) throw new Error(`The host did not do it ${count} times:\n${printed}`);
    return took;
  };

  const options = ["BatchMode=yes", `UserKnownHostsFile=${folder}/known_hosts`, "IdentitiesOnly=yes"];
  const argv = [
    ...["-F", "none", "-i", key.file, ...options.flatMap((option) => ["-o", option])],
    ...["-p", String(wire.port), `${user}@${wire.address}`, action],
  ];
  return inTurns(
    5,
    () =>
      measure(() =>
        withSsh(worker, input, async (ssh) => {
          await ssh.verify(target);
          const { output } = await ssh.run(target, `${action}\n`.repeat(count), { onLine: () => {} });
          return output;
        }),
      ),
    () =>
      measure(async () => {
        let printed = "";
        for (let turn = 0; turn < count; turn++) printed += (await run("ssh", argv, {})).output;
        return printed;
      }),
  );
}
