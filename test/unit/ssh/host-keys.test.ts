import { expect, test } from "vitest";
import { Unfit } from "../../../src/orb/parameter.ts";
import { knownName, parsePins, pinsOf, readFingerprints } from "../../../src/ssh/host-keys.ts";

const [one, two] = ["a", "b"].map((letter) => `SHA256:${letter.repeat(43)}`) as [string, string];

test("pins every host, or the one that is named", () => {
  const pins = parsePins(`${one}=\n10.0.0.1 ${two}, \${MORE}`, { MORE: one });
  expect(pins).toEqual([
    { host: null, fingerprint: one },
    { host: "10.0.0.1", fingerprint: two },
    { host: "10.0.0.1", fingerprint: one },
  ]);
  const target = { user: "a", host: "10.0.0.1", port: 2222 };
  expect(pinsOf(target, pins)).toEqual([one, two, one]);
  expect(pinsOf({ ...target, host: "10.0.0.2" }, pins)).toEqual([one]);
  expect(pinsOf(target, [{ host: "[10.0.0.1]:2222", fingerprint: two }])).toEqual([two]);
});

test.each(["SHA256:short", "MD5:aa:bb", "10.0.0.1 sha256"])("refuses %s", (text) => {
  expect(() => parsePins(text, {})).toThrow(Unfit);
});

test("reads both forms in which ssh-keygen lists keys", () => {
  const listed = `256 ${one} [10.0.0.1]:2222 (ED25519)\n3072 ${two} no comment (RSA)\n`;
  const found = `# Host 10.0.0.1 found: line 1 \n10.0.0.1 ED25519 ${one} \n# Host x found: line 2\nx RSA ${two}\n`;
  const keys = [
    { type: "ED25519", fingerprint: one },
    { type: "RSA", fingerprint: two },
  ];
  expect([readFingerprints(listed), readFingerprints(found)]).toEqual([keys, keys]);
});

test("names a host as known_hosts does", () => {
  const target = { user: "a", host: "10.0.0.1" };
  expect([null, 22, 2222].map((port) => knownName({ ...target, port }))).toEqual([
    "10.0.0.1",
    "10.0.0.1",
    "[10.0.0.1]:2222",
  ]);
});
