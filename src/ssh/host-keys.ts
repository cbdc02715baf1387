import type { Environment } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";
import { readLines } from "../orb/lines.ts";
import { Unfit } from "../orb/parameter.ts";
import type { Target } from "./target.ts";

/** A fingerprint that a host key may have; of one host, or of any where that is null. */
export interface Pin {
  readonly host: string | null;
  readonly fingerprint: string;
}

/** How a host key is known: by lines of known_hosts, by fingerprints, or not at all and taken as it comes. */
export interface HostKeyRules {
  readonly knownHosts: string;
  readonly pins: readonly Pin[];
  readonly acceptNew: boolean;
}

/** A host as known_hosts writes it. */
export function knownName({ host, port }: Target): string {
  return port === null || port === 22 ? host : `[${host}]:${port}`;
}

/** Lines of `[host] SHA256:…`, as `ssh-keygen -lf` prints fingerprints. Throws `Unfit`. */
export function parsePins(text: string, env: Environment): readonly Pin[] {
  return readLines(fillVariables(text, env)).flatMap((line) => {
    const words = line.split(/[\s,]+/).filter(Boolean);
    const host = words[0]?.startsWith("SHA256:") ? null : (words.shift() ?? null);
    return (words.length === 0 ? [line] : words).map((word) => {
      const fingerprint = word.replace(/=*$/, "");
      if (/^SHA256:[A-Za-z0-9+/]{43}$/.test(fingerprint)) return { host, fingerprint };
      throw new Unfit(`has no fingerprint in "${word}"`, {
        hints: ["A fingerprint is written SHA256:… with 43 characters, as `ssh-keygen -lf` prints it."],
      });
    });
  });
}

export function pinsOf(target: Target, pins: readonly Pin[]): readonly string[] {
  return pins
    .filter(({ host }) => host === null || host === target.host || host === knownName(target))
    .map(({ fingerprint }) => fingerprint);
}

export interface HostKey {
  readonly type: string;
  readonly fingerprint: string;
}

/** From `ssh-keygen -l`: `256 SHA256:… host (ED25519)`, and with `-F` `host ED25519 SHA256:…`. */
export function readFingerprints(output: string): readonly HostKey[] {
  return output.split("\n").flatMap((line) => {
    if (line.startsWith("#")) return [];
    const [fingerprint] = /SHA256:[A-Za-z0-9+/]{43}/.exec(line) ?? [];
    const [, type] = /\(([\w-]+)\)\s*$/.exec(line) ?? /\s([A-Z][\w-]+)\s+SHA256:/.exec(line) ?? [];
    return fingerprint === undefined ? [] : [{ type: type ?? "unknown", fingerprint }];
  });
}

/** How to get what pins a host, for whoever has none. */
export function pinHints({ host, port }: Target): readonly string[] {
  const options = port === null ? "" : `-p ${port} `;
  return [
    `On a network that you trust: ssh-keyscan ${options}${host}. Put its lines into a variable, say KNOWN_HOSTS, of a context, and write known-hosts: \${KNOWN_HOSTS}.`,
    "Or give host-key-fingerprints: on the host itself, `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints one.",
    "host-key-check: accept-new takes whatever key is offered, and whoever offers it: for throw-away hosts alone.",
  ];
}
