import * as v from "valibot";
import { expect, test } from "vitest";
import { createAwsCall, LostAnswer, Refused } from "../../../src/aws/call.ts";
import { openCredentials } from "../../../src/aws/credentials.ts";
import { UserError } from "../../../src/errors.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

type Answer = readonly [status: number, body: unknown, headers?: Record<string, string> | undefined] | Error;

const Schema = v.object({ password: v.string(), count: v.number() });
const good: Answer = [200, { password: "hush", count: 1 }];

async function call(
  answers: readonly Answer[],
  options: {
    readonly roleArn?: string;
    readonly expected?: string[];
    readonly env?: Record<string, string>;
  } = {},
) {
  const left = [...answers];
  const sessions: (string | null)[] = [];
  const host = createFakeHost({
    env: options.env ?? {},
    exec: async () => null,
    fetch: async (url, init) => {
      if (url.includes("//sts.")) {
        const number = sessions.length + 1;
        return new Response(
          `<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>session-${number}</SessionToken>`,
        );
      }
      sessions.push(new Headers(init.headers).get("x-amz-security-token"));
      const answer = left.shift() ?? ([599, "one request too many"] as const);
      if (answer instanceof Error) throw answer;
      const [status, body, headers] = answer;
      return new Response(typeof body === "string" ? body : JSON.stringify(body), {
        status,
        ...(headers && { headers }),
      });
    },
  });
  const named = (variable: string, value: string) => ({ variable, value: new Secret(value) });
  const credentials = openCredentials(host, {
    region: "eu-central-1",
    roleArn: options.roleArn ?? "",
    oidcToken: named("CIRCLE_OIDC_TOKEN_V2", "oidc"),
    accessKeyId: named("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    secretAccessKey: named("AWS_SECRET_ACCESS_KEY", "very-secret"),
    sessionToken: { variable: "AWS_SESSION_TOKEN", value: null },
  });
  const service = { service: "ecr", target: "Target", region: "eu-central-1" } as const;
  const outcome = await createAwsCall(host, service, credentials)(
    "Sample",
    {},
    Schema,
    options.expected,
  ).catch((error: unknown) => error);
  return { outcome, host, sessions, left };
}

const fault = (type: string, message = "no") => ({ __type: type, message });

test.each<[string, Answer]>([
  ["a fault of the service", [500, fault("ServerException")]],
  ["a gateway without JSON", [502, "<html>Bad Gateway</html>"]],
  ["too many requests", [429, ""]],
  ["throttling", [400, fault("ThrottlingException", "Rate exceeded")]],
  ["throttling with a name space", [400, fault("com.amazon.coral.availability#ThrottlingException")]],
  ["a broken connection", Object.assign(new Error("reset"), { code: "ECONNRESET" })],
])("tries again after %s", async (_, problem) => {
  const { outcome, host, left } = await call([problem, problem, good]);
  expect([outcome, host.sleeps, left]).toEqual([{ password: "hush", count: 1 }, [1_000, 2_000], []]);
});

test.each([
  "Throttling",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "SlowDown",
])("takes %s for throttling", async (code) => {
  const { outcome, host } = await call([[400, fault(code)], good]);
  expect([outcome, host.sleeps]).toEqual([{ password: "hush", count: 1 }, [1_000]]);
});

test("waits as long as it is asked to", async () => {
  const { host } = await call([[503, "", { "retry-after": "7" }], good]);
  expect(host.sleeps).toEqual([7_000]);
});

test("gives up after five tries, and says what was answered", async () => {
  const { outcome, host } = await call(Array(5).fill([500, fault("ServerException", "try later")]));
  expect([host.sleeps, outcome]).toMatchObject([
    [1_000, 2_000, 4_000, 8_000],
    {
      code: "aws.failed",
      exitCode: 4,
      message: 'ECR Sample was answered 500 ServerException: "try later".',
      hints: ["It was sent to api.ecr.eu-central-1.amazonaws.com."],
    },
  ]);
});

test.each<[string, string, string, string]>([
  [
    "an old signature",
    "InvalidSignatureException",
    "Signature expired: 20260101T000000Z is now earlier than",
    "5 min.)",
  ],
  [
    "a future one",
    "InvalidSignatureException",
    "Signature not yet current: 20260101T000000Z is still later than",
    "",
  ],
  ["a request that is late", "RequestExpired", "Request has expired", ""],
])("takes %s for a clock that is wrong, and not for a wrong key", async (_, code, message, more) => {
  const { outcome, left } = await call([[400, fault(code, `${message} ${more}`)], good]);
  expect([outcome, left.length]).toMatchObject([
    {
      code: "aws.unauthorized",
      exitCode: 3,
      hints: ["Set this machine's clock right: AWS takes a signature for five minutes."],
    },
    1,
  ]);
});

test("says so where an answer has nothing in it", async () => {
  const { outcome } = await call(Array(5).fill([503, ""]));
  expect(outcome).toMatchObject({ message: "ECR Sample was answered 503, and nothing more." });
});

test.each(["AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"])(
  "names %s where it leads to nobody",
  async (variable) => {
    const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { outcome } = await call(Array(5).fill(refused), { env: { [variable]: "https://vpce.example" } });
    expect(outcome).toMatchObject({
      hints: [`Check that vpce.example is right: it comes from ${variable}.`, expect.any(String)],
    });
  },
);

test("names the host that never answered: an unknown region is a host that does not exist", async () => {
  const lost = Object.assign(new Error("getaddrinfo ENOTFOUND api.ecr.eu-central-1.amazonaws.com"), {
    code: "ENOTFOUND",
  });
  const { outcome } = await call(Array(5).fill(lost));
  expect(outcome).toMatchObject({
    code: "aws.failed",
    message:
      "ECR Sample got no answer from api.ecr.eu-central-1.amazonaws.com: getaddrinfo ENOTFOUND api.ecr.eu-central-1.amazonaws.com.",
    hints: [
      expect.stringContaining(
        "it comes from the region, and from AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT",
      ),
      expect.any(String),
    ],
  });
});

test.each<[string, unknown, Record<string, string>?]>([
  ["in the body", fault("RepositoryNotFoundException")],
  ["in the body with a name space", fault("com.amazonaws.ecr.v20150921#RepositoryNotFoundException")],
  [
    "in a header with a link",
    { message: "no" },
    { "x-amzn-errortype": "RepositoryNotFoundException:http://x/" },
  ],
])("finds the code %s, and gives the caller the one that it expects", async (_, body, headers) => {
  const { outcome } = await call([[400, body, headers]], { expected: ["RepositoryNotFoundException"] });
  expect(outcome).toBeInstanceOf(Refused);
  expect((outcome as Refused).fault).toEqual({
    status: 400,
    code: "RepositoryNotFoundException",
    message: "no",
  });
});

test.each([
  ["AccessDeniedException", "Allow ecr:Sample in the policy of that user or role."],
  [
    "UnrecognizedClientException",
    "Check the access key, its secret and the session token: they must belong together.",
  ],
  [
    "InvalidSignatureException",
    "Check the access key, its secret and the session token: they must belong together.",
  ],
  [
    "ExpiredTokenException",
    "The session's credentials have expired: obtain new ones shortly before this step.",
  ],
])("says what to do about %s, without another try", async (code, hint) => {
  const { outcome, host } = await call([[400, { __type: code, Message: "capital" }]]);
  expect([host.sleeps, outcome]).toMatchObject([
    [],
    {
      code: "aws.unauthorized",
      exitCode: 3,
      message: `ECR Sample was answered 400 ${code}: "capital".`,
      hints: [hint],
    },
  ]);
});

test.each([
  "AccessDenied",
  "UnauthorizedOperation",
  "InvalidClientTokenId",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "OptInRequired",
])("takes %s for a refusal, without another try", async (code) => {
  const { outcome, left } = await call([[400, fault(code)], good]);
  expect([outcome, left.length]).toMatchObject([{ code: "aws.unauthorized", exitCode: 3 }, 1]);
});

test.each([401, 403])("takes the status %i without a code for a refusal", async (status) => {
  const { outcome } = await call([[status, "no"]]);
  expect(outcome).toMatchObject({ code: "aws.unauthorized" });
});

test.each(["ExpiredTokenException", "ExpiredToken"])(
  "assumes the role again, once, where its session has expired: %s",
  async (code) => {
    const expired: Answer = [400, fault(code)];
    const roleArn = "arn:aws:iam::123456789012:role/ci";
    const renewed = await call([expired, good], { roleArn });
    expect([renewed.outcome, renewed.sessions]).toEqual([
      { password: "hush", count: 1 },
      ["session-1", "session-2"],
    ]);
    const twice = await call([expired, expired], { roleArn });
    expect(twice.outcome).toMatchObject({ code: "aws.unauthorized" });
  },
);

test("says how long the service asks to wait where that is longer than its patience", async () => {
  const { outcome, host } = await call([
    [429, fault("TooManyRequestsException"), { "Retry-After": "99999" }],
  ]);
  expect(outcome).toMatchObject({
    hints: [
      "It was sent to api.ecr.eu-central-1.amazonaws.com.",
      "The answer asks to wait before another try: 99999 (Retry-After).",
    ],
  });
  expect(host.sleeps).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["of another form", { password: "hush", count: "hush" }, "count"],
  ["that is no JSON", "hush", "all of it"],
])("refuses an answer %s without showing it, as it may hold a password", async (_, body, place) => {
  const { outcome, host } = await call([[200, body]]);
  expect(outcome).toMatchObject({
    code: "aws.failed",
    message: `ECR Sample was answered in an unknown form (${place}).`,
    hints: ["It was sent to api.ecr.eu-central-1.amazonaws.com."],
  });
  expect(host.lines.join()).not.toContain("hush");
});

test.each<[boolean, string, readonly Answer[]]>([
  [true, "an answer in an unknown form", [[200, fault("Hello")]]],
  [true, "a refusal that is not AWS's", [[403, "<html>blocked</html>"]]],
  [true, "a refusal after a lost answer", [new Error("reset"), [400, fault("ClientException")]]],
  [false, "a refusal", [[400, fault("ClientException")]]],
  [
    false,
    "a refusal after throttling",
    [
      [400, fault("ThrottlingException")],
      [400, fault("ClientException")],
    ],
  ],
])("says %s to whether it may have been done after %s", async (mayBeDone, _, answers) => {
  const { outcome } = await call(answers);
  expect([outcome instanceof UserError, outcome instanceof LostAnswer]).toEqual([true, mayBeDone]);
});
