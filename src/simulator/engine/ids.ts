import { createHash } from "node:crypto";

/** Version 4 UUIDs and commit hashes out of the engine's randomness, and UUIDs out of names. */

export function makeUuid(random: () => number): string {
  const digits = makeHex(random, 30);
  const variant = "89ab".charAt(Math.floor(random() * 4));
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(12, 15)}`,
    `${variant}${digits.slice(15, 18)}`,
    digits.slice(18, 30),
  ].join("-");
}

/** The same for the same name, so that everybody who names a thing means the same one. */
export function identify(name: string): string {
  const hex = createHash("sha256").update(name).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function makeRevision(random: () => number): string {
  return makeHex(random, 40);
}

function makeHex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}
