import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

export type KeyType = "ed25519" | "ecdsa" | "rsa";

export interface KeyPair {
  readonly file: string;
  readonly type: KeyType;
  /** `ssh-ed25519 AAAA…`, as it stands in authorized_keys and known_hosts. */
  readonly publicKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/** Makes a key without a passphrase in `file`, and its public half in `file.pub`. */
export async function makeKeyPair(file: string, type: KeyType): Promise<KeyPair> {
  const size = type === "rsa" ? ["-b", "2048"] : [];
  await promisify(execFile)("ssh-keygen", ["-q", "-t", type, ...size, "-N", "", "-C", "", "-f", file]);
  const publicKey = readFileSync(`${file}.pub`, "utf8").trim();
  const { stdout } = await promisify(execFile)("ssh-keygen", ["-l", "-f", `${file}.pub`]);
  return { file, type, publicKey, fingerprint: stdout.split(" ")[1] ?? "" };
}
