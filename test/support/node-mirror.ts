import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installNodeScript } from "./orb-step.ts";

const version = process.version.slice(1);
const folderName = `node-v${version}-${process.platform}-${process.arch}`;
export const archivePath = `/v${version}/${folderName}.tar.gz`;

/** An archive in the layout of nodejs.org with this program as its `bin/node`. */
export function packNode(program: string | Buffer): Buffer {
  const work = mkdtempSync(join(tmpdir(), "node-mirror-"));
  try {
    mkdirSync(join(work, folderName, "bin"), { recursive: true });
    writeFileSync(join(work, folderName, "bin/node"), program, { mode: 0o755 });
    writeFileSync(join(work, folderName, "README.md"), "Only bin/node is wanted.\n");
    execFileSync("sh", ["-c", `tar -cf - ${folderName} | gzip -1 >node.tar.gz`], { cwd: work });
    return readFileSync(join(work, "node.tar.gz"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** install-node.sh with this archive pinned instead of the official one, and without pauses. */
export function pinTo(archive: Buffer, settings: Readonly<Record<string, string>> = {}): string {
  const sum = createHash("sha256").update(archive).digest("hex");
  return pin({ version, sum, pause_seconds: "0", ...settings });
}

/** install-node.sh with other values for its settings. Users have no such way: they cannot edit the orb. */
export function pin(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings).reduce((script, [name, value]) => {
    const line = new RegExp(`^( *)${name}=[0-9a-f.]+$`, "gm");
    if (!line.test(script)) throw new Error(`install-node.sh has no setting ${name}`);
    return script.replace(line, `$1${name}=${value}`);
  }, installNodeScript);
}

/** A mirror of nodejs.org/dist. It answers each request with the next answer, the last one again and again. */
export async function startMirror(...answers: readonly [Answer, ...Answer[]]) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request.url ?? "");
    answer?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    requests,
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Answer = (response: ServerResponse) => void;

export const deliver =
  (body: Buffer): Answer =>
  (response) =>
    response.writeHead(200, { "content-length": body.length }).end(body);

export const refuse =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status).end();

/** Sends the head and the beginning, then nothing more. */
export const hang =
  (body: Buffer): Answer =>
  (response) =>
    response.writeHead(200, { "content-length": body.length }).write(body.subarray(0, body.length / 2));

export const cutOff =
  (body: Buffer): Answer =>
  (response) =>
    response
      .writeHead(200, { "content-length": body.length })
      .write(body.subarray(0, body.length / 2), () => response.destroy());
