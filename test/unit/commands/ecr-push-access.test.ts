import { expect, test } from "vitest";
import { push, whole } from "./ecr-push-world.ts";
import type { World, WorldOptions } from "./ecr-world.ts";

test("assumes a role with the job's token, and keeps no key", async () => {
  const { exit, calls, bodies, host } = await push({
    tags: {},
    env: { CIRCLE_OIDC_TOKEN_V2: "very-secret-oidc", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
  });
  expect([exit, calls]).toEqual([0, ["STS AssumeRoleWithWebIdentity", ...whole]]);
  expect(host.lines).toContain("Assumed arn:aws:iam::123456789012:role/ci.");
  expect(bodies[0]).toEqual({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::123456789012:role/ci",
    RoleSessionName: "circleback-api-7",
    WebIdentityToken: "very-secret-oidc",
  });
});

test.each<[string, WorldOptions, string]>([
  ["an access key", {}, "AKIDEXAMPLE/eu-central-1 -"],
  [
    "temporary credentials",
    { env: { AWS_SESSION_TOKEN: "very-secret-token" } },
    "AKIDEXAMPLE/eu-central-1 very-secret-token",
  ],
  [
    "credentials in variables of other names",
    {
      env: { SHOP_ID: "AKIDSHOP", SHOP_KEY: "very-secret-key", SHOP_TOKEN: "very-secret-token" },
      parameters: {
        "access-key-id": "SHOP_ID",
        "secret-access-key": "SHOP_KEY",
        "session-token": "SHOP_TOKEN",
      },
    },
    "AKIDSHOP/eu-central-1 very-secret-token",
  ],
  [
    "a role, and not with the keys that are there as well",
    {
      env: { SHOP_OIDC: "very-secret-oidc", AWS_SESSION_TOKEN: "very-secret-token" },
      parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci", "oidc-token": "SHOP_OIDC" },
    },
    "ASIAEXAMPLE/eu-central-1 very-secret-session-token",
  ],
])("calls ECR with %s", async (_, options, caller) => {
  const { exit, callers } = await push({ tags: {}, ...options });
  const url = "https://api.ecr.eu-central-1.amazonaws.com";
  expect([exit, callers]).toEqual([0, Array(4).fill(`${url} ${caller}`)]);
});

test.each([
  [{ AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, "", "us-west-2"],
  [{ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "", "eu-west-1"],
  [{ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "ap-south-1", "ap-south-1"],
  [{ AWS_REGION: "eu-west-1", OWN: "ca-central-1" }, "${OWN}", "ca-central-1"],
])("with %j and the region %j calls %s", async (env, region, used) => {
  const { callers, host } = await push({ tags: {}, env, parameters: { region } });
  const record = JSON.parse(host.written.get(".circleback/releases/image.json") ?? "");
  expect([callers[0], record.region]).toEqual([
    `https://api.ecr.${used}.amazonaws.com AKIDEXAMPLE/${used} -`,
    used,
  ]);
});

test.each([
  [
    { AWS_USE_FIPS_ENDPOINT: "true" },
    "api.ecr-fips.us-east-1.amazonaws.com",
    "dkr.ecr-fips.us-east-1.amazonaws.com",
  ],
  [{ AWS_USE_DUALSTACK_ENDPOINT: "true" }, "ecr.us-east-1.api.aws", "dkr-ecr.us-east-1.on.aws"],
])("with %j calls %s and pushes to %s, whether or not the account is given", async (env, api, end) => {
  for (const account of ["", "123456789012"]) {
    const parameters = { region: "us-east-1", "account-id": account };
    const { exit, callers, commands } = await push({ tags: {}, env, parameters });
    expect([exit, callers[0]]).toEqual([0, `https://${api} AKIDEXAMPLE/us-east-1 -`]);
    const login = commands.find(({ args }) => args[0] === "login");
    expect(login?.args.at(-1)).toBe(`123456789012.${end}`);
  }
});

test("keeps every secret that it has or gets out of what a build prints", async () => {
  const password = "password-1";
  const secrets = [
    "very-secret-access-key",
    "very-secret-token",
    password,
    Buffer.from(`AWS:${password}`).toString("base64"),
  ];
  const printed = (options: WorldOptions, texts: readonly string[]) =>
    push({
      ...options,
      tags: {},
      instead: { "docker buildx build": [{ exitCode: 1, output: texts.join("\n") }] },
    });
  const env = { AWS_SESSION_TOKEN: "very-secret-token" };
  const keys = await printed({ env }, secrets);
  const role = await printed(
    {
      env: { CIRCLE_OIDC_TOKEN_V2: "oidc-hush-hush" },
      parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
    },
    ["oidc-hush-hush", "very-secret-session-key", "very-secret-session-token"],
  );
  const between = ({ host }: World) => {
    const start = host.lines.findIndex((line) => line.startsWith("$ docker buildx build"));
    return host.lines.slice(
      start + 1,
      host.lines.findIndex((line) => line.startsWith("Error: ")),
    );
  };
  expect([between(keys), between(role)]).toEqual([Array(4).fill("[secret]"), Array(3).fill("[secret]")]);
});

test("names the account in every call where it is given, and derives the registry from it", async () => {
  const { calls, bodies } = await push({ tags: {}, parameters: { "account-id": "210987654321" } });
  const accounts = bodies.map((body) => (body as { registryId?: string }).registryId);
  expect(accounts).toEqual([undefined, "210987654321", "210987654321", "210987654321"]);
  expect(calls).toContain("docker push 210987654321.dkr.ecr.eu-central-1.amazonaws.com/api:0.1.7");
});

test.each(["127.0.0.1:5000", "registry:5000", "localhost", "vpce-1.dkr.ecr.eu-west-1.vpce.amazonaws.com"])(
  "pushes to the registry that it is told: %s",
  async (registry) => {
    const { calls } = await push({ tags: {}, parameters: { registry } });
    expect(calls.filter((call) => call.startsWith("docker lo") || call.startsWith("docker push"))).toEqual([
      `docker login --username AWS --password-stdin ${registry}`,
      `docker push ${registry}/api:0.1.7`,
      `docker logout ${registry}`,
    ]);
  },
);

test.each([
  [
    "a token that is none",
    { authorizationToken: "AAAA", proxyEndpoint: "https://r.example" },
    "authorizationToken",
  ],
  ["no host", { authorizationToken: btoa("AWS:x"), proxyEndpoint: "" }, "proxyEndpoint"],
])("takes no login with %s", async (_, login, place) => {
  const body = { authorizationData: [{ ...login, expiresAt: 2_000_000_000 }] };
  const { exit, error, calls } = await push({
    tags: {},
    instead: { "ECR GetAuthorizationToken": [{ status: 200, body }] },
  });
  expect([exit, error, calls.length]).toEqual([
    4,
    `Error: ECR GetAuthorizationToken was answered in an unknown form (authorizationData.0.${place}). (aws.failed)`,
    1,
  ]);
});
