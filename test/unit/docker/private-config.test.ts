import { expect, test } from "vitest";
import { fillPrivateConfig, privateConfig } from "../../../src/docker/private-config.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const registry = "1.dkr.ecr.eu-central-1.amazonaws.com";

test.each([
  ["nothing", {}, { auths: { [registry]: {} }, credHelpers: { [registry]: "" } }],
  [
    "other logins, proxies, contexts and plug-ins",
    {
      auths: { "ghcr.io": { auth: "x" } },
      proxies: {},
      currentContext: "remote",
      cliPluginsExtraDirs: ["/p"],
    },
    {
      auths: { "ghcr.io": { auth: "x" }, [registry]: {} },
      credHelpers: { [registry]: "" },
      proxies: {},
      currentContext: "remote",
      cliPluginsExtraDirs: ["/p"],
    },
  ],
  [
    "the store for all other registries",
    {
      credsStore: "desktop",
      auths: { "https://index.docker.io/v1/": {} },
      credHelpers: { "gcr.io": "gcloud" },
    },
    {
      credsStore: "desktop",
      auths: { "https://index.docker.io/v1/": {}, [registry]: {} },
      credHelpers: { "gcr.io": "gcloud", [registry]: "" },
    },
  ],
  [
    "no helper and no old login of the registry itself",
    {
      credsStore: "desktop",
      auths: { [registry]: { auth: "old" } },
      credHelpers: { [registry]: "ecr-login" },
    },
    { credsStore: "desktop", auths: { [registry]: {} }, credHelpers: { [registry]: "" } },
  ],
  [
    "a store that has told of no login",
    { credsStore: "ecr-login" },
    { credsStore: "ecr-login", auths: { [registry]: {} }, credHelpers: { [registry]: "" } },
  ],
])("keeps %s", (_, config, changed) => expect(privateConfig(config, registry)).toEqual(changed));

const fill = async (files: Record<string, string>, env: Record<string, string>) => {
  const host = createFakeHost({ files, env });
  await fillPrivateConfig("/private", registry, host);
  const made = [...host.written].filter(([path]) => path.startsWith("/private/"));
  return { made: Object.fromEntries(made), lines: host.lines };
};

test("links what else the user has, wherever it is", async () => {
  const files = {
    "/home/ci/.docker/config.json": '{"currentContext":"remote"}',
    "/home/ci/.docker/cli-plugins/docker-buildx": "",
    "/home/ci/.docker/contexts/meta/1/meta.json": "",
    "/home/ci/.docker/buildx/current": "",
    "/home/ci/.docker/ca.pem": "",
    "/elsewhere/ca.pem": "",
  };
  expect((await fill(files, { HOME: "/home/ci" })).made).toEqual({
    "/private/cli-plugins": "-> /home/ci/.docker/cli-plugins",
    "/private/contexts": "-> /home/ci/.docker/contexts",
    "/private/buildx": "-> /home/ci/.docker/buildx",
    "/private/ca.pem": "-> /home/ci/.docker/ca.pem",
    "/private/config.json": `{"currentContext":"remote","auths":{"${registry}":{}},"credHelpers":{"${registry}":""}}\n`,
  });
  expect((await fill(files, { HOME: "/home/ci", DOCKER_CONFIG: "/elsewhere" })).made).toEqual({
    "/private/ca.pem": "-> /elsewhere/ca.pem",
    "/private/config.json": `{"auths":{"${registry}":{}},"credHelpers":{"${registry}":""}}\n`,
  });
});

test.each(["", "{", "[]x", "[1]", "null"])("goes on without a configuration that is %j", async (text) => {
  const { made, lines } = await fill({ "/home/ci/.docker/config.json": text }, { HOME: "/home/ci" });
  expect([Object.keys(made), lines]).toEqual([
    ["/private/config.json"],
    text === "" ? [] : ["Warning: /home/ci/.docker/config.json is no JSON object, and is left out."],
  ]);
});

test("needs no home", async () => {
  expect(Object.keys((await fill({}, {})).made)).toEqual(["/private/config.json"]);
});
