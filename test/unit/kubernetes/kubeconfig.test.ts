import { describe, expect, test } from "vitest";
import { readKubeconfig } from "../../../src/kubernetes/kubeconfig.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const pem = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

function read(cluster: object, user: object, files: Readonly<Record<string, string>> = {}) {
  const text = JSON.stringify({
    "current-context": "ci",
    clusters: [{ name: "prod", cluster: { server: "https://k:6443/", ...cluster } }],
    users: [{ name: "bot", user }],
    contexts: [{ name: "ci", context: { cluster: "prod", user: "bot" } }],
  });
  const host = createFakeHost({ files });
  return readKubeconfig(host, { text, name: "KUBECONFIG_DATA", folder: "/project" });
}

test("takes the authority, and the token of a file before that beside it", async () => {
  const data = Buffer.from(pem).toString("base64");
  const user = { token: "old", tokenFile: "token" };
  const access = await read({ "certificate-authority-data": data }, user, { "/project/token": "new\n" });
  expect([access.server, access.trust.authority]).toEqual(["https://k:6443", pem]);
  expect((await access.bearer())?.reveal()).toBe("new");
});

describe("refuses", () => {
  test.each([
    [
      "an authority that is no PEM",
      { "certificate-authority-data": "!!!" },
      { token: "t" },
      "has no PEM in certificate-authority-data",
    ],
    [
      "a file of an authority that is no PEM",
      { "certificate-authority": "ca" },
      { token: "t" },
      "has no PEM in ca",
    ],
    ["a token with a line break", {}, { token: "abc\ndef" }, "has a token for bot that is none"],
    ["groups alone", {}, { token: "t", "as-groups": ["admins"] }, "acts as somebody else (`as-groups`)"],
    [
      "a query in the address",
      { server: "https://k/?token=hunter22" },
      { token: "t" },
      "has a user name or password in the server's address, or a query",
    ],
  ])("%s", async (_, cluster, user, words) => {
    await expect(read(cluster, user, { "/project/ca": "" })).rejects.toMatchObject({
      code: "kubeconfig.invalid",
      message: `The kubeconfig in KUBECONFIG_DATA ${words}.`,
    });
  });
});
