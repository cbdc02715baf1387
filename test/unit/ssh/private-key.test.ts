import { expect, test } from "vitest";
import { repairKey } from "../../../src/ssh/private-key.ts";

const key = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACB=
-----END OPENSSH PRIVATE KEY-----
`;

test.each([
  ["as it is", key],
  ["without its last line end", key.trimEnd()],
  ["with \\n for line ends", key.replaceAll("\n", "\\n")],
  ["with blanks for line ends", key.replaceAll("\n", " ")],
  ["with Windows' line ends", key.replaceAll("\n", "\r\n")],
  ["with words around it", `my key:\n${key}\n\n`],
])("takes a key that was pasted %s", (_, pasted) => {
  expect(repairKey(pasted)).toBe(key);
});

test("leaves the headers of an old key alone", () => {
  const old =
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,1\n\nabc\n-----END RSA PRIVATE KEY-----\n";
  expect(repairKey(old)).toBe(old);
});
