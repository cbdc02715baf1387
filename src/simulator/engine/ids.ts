/** Makes version 4 UUIDs and commit hashes out of the engine's randomness. */

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

export function makeRevision(random: () => number): string {
  return makeHex(random, 40);
}

function makeHex(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");
}
