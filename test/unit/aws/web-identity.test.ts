import { expect, test } from "vitest";
import { assumeRole, sessionName } from "../../../src/aws/web-identity.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const claims = { iss: "https://oidc.circleci.com/org/o-1", aud: "o-1", sub: "org/o-1/project/p-1/user/u-1" };
const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
const identity = {
  roleArn: "arn:aws:iam::123456789012:role/ci",
  token: new Secret(token),
  source: "CIRCLE_OIDC_TOKEN_V2",
};

const granted = `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult><Credentials>
    <SessionToken>IQoJ+/=</SessionToken>
    <SecretAccessKey>wJalr/+</SecretAccessKey>
    <Expiration>2026-01-01T01:00:00Z</Expiration>
    <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
  </Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>`;

const refused = (code: string, message: string) =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

async function assume(answers: readonly (readonly [status: number, body: string])[]) {
  const left = [...answers];
  const requests: { url: string; headers: Record<string, string> }[] = [];
  const host = createFakeHost({
    fetch: async (url, init) => {
      requests.push({ url, headers: Object.fromEntries(new Headers(init.headers)) });
      const [status, body] = left.shift() ?? [599, "one request too many"];
      return new Response(body, { status });
    },
  });
  const outcome = await assumeRole(host, "eu-central-1", identity).catch((error: unknown) => error);
  return { outcome, requests, host, left };
}

test("exchanges the token without a signature", async () => {
  const { outcome, requests } = await assume([[200, granted]]);
  expect(outcome).toEqual({
    accessKeyId: "ASIAEXAMPLE",
    secretAccessKey: new Secret("wJalr/+"),
    sessionToken: new Secret("IQoJ+/="),
  });
  const { secretAccessKey, sessionToken } = outcome as Record<string, Secret>;
  expect([secretAccessKey?.reveal(), sessionToken?.reveal()]).toEqual(["wJalr/+", "IQoJ+/="]);
  expect(requests).toEqual([
    {
      url: "https://sts.eu-central-1.amazonaws.com",
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    },
  ]);
});

test.each(["InvalidIdentityToken", "IDPCommunicationError"])("tries again on %s", async (code) => {
  const { outcome, host, requests } = await assume([
    [400, refused(code, "Couldn't retrieve verification key")],
    [400, refused(code, "Couldn't retrieve verification key")],
    [200, granted],
  ]);
  expect([outcome, requests.length, host.sleeps]).toMatchObject([
    { accessKeyId: "ASIAEXAMPLE" },
    3,
    [1_000, 2_000],
  ]);
});

test("says in the end whom the role would have to trust, and not the token", async () => {
  const invalid = refused("InvalidIdentityToken", "No OpenIDConnect provider found in your account");
  const { outcome, requests, host } = await assume(Array(5).fill([400, invalid]));
  expect(outcome).toMatchObject({
    code: "aws.unauthorized",
    exitCode: 3,
    message:
      'arn:aws:iam::123456789012:role/ci may not be assumed with CIRCLE_OIDC_TOKEN_V2: STS answered 400 InvalidIdentityToken: "No OpenIDConnect provider found in your account".',
    hints: [
      "The role's trust policy must allow sts:AssumeRoleWithWebIdentity for issuer https://oidc.circleci.com/org/o-1, audience o-1, subject org/o-1/project/p-1/user/u-1.",
      "In the role's account, IAM must know that issuer as an identity provider with that audience.",
    ],
  });
  expect(requests).toHaveLength(5);
  expect(host.lines.join()).not.toContain("signature");
});

test.each<[string, number, string, string, string]>([
  ["a role that may not be assumed", 403, "AccessDenied", "aws.unauthorized", "may not be assumed with"],
  [
    "a token that has expired",
    400,
    "ExpiredTokenException",
    "aws.unauthorized",
    "The token of CIRCLE_OIDC_TOKEN_V2 has expired",
  ],
  ["a request that is not understood", 400, "ValidationError", "aws.failed", "cannot be assumed"],
])("does not try again for %s", async (_, status, code, error, message) => {
  const { outcome, requests } = await assume([[status, refused(code, "a &lt;b&gt; &amp; c")]]);
  expect([requests.length, outcome]).toMatchObject([
    1,
    { code: error, message: expect.stringMatching(new RegExp(`${message}.*a <b> & c`)) },
  ]);
});

test("refuses an answer without credentials", async () => {
  const { outcome } = await assume([[200, "<html>welcome</html>"]]);
  expect(outcome).toMatchObject({ code: "aws.failed", exitCode: 4 });
});

test.each([
  [{ CIRCLE_PROJECT_REPONAME: "api", CIRCLE_BUILD_NUM: "7" }, "circleback-api-7"],
  [{ CIRCLE_PROJECT_REPONAME: "my api/ü" }, "circleback-my-api"],
  [{}, "circleback"],
  [{ CIRCLE_PROJECT_REPONAME: "x".repeat(99) }, `circleback-${"x".repeat(53)}`],
])("names the session after the job: %j", (env, name) => expect(sessionName(env)).toBe(name));
