import { createHash, createHmac } from "node:crypto";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { AwsV4Signer } from "aws4fetch";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeToken } from "../../../src/aws/eks.ts";
import { presignUrl, signRequest } from "../../../src/aws/sign.ts";
import { Secret } from "../../../src/secret.ts";
import { presignAsSdk } from "../../support/eks/presign.ts";

interface Case {
  readonly region: string;
  readonly service: "ecr" | "sts";
  readonly url: string;
  readonly accessKeyId: string;
  readonly secret: string;
  readonly sessionToken: string | null;
  readonly body: string;
  readonly now: number;
}

const plain: Case = {
  region: "eu-central-1",
  service: "ecr",
  url: "https://api.ecr.eu-central-1.amazonaws.com/",
  accessKeyId: "AKIDEXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: null,
  body: "{}",
  now: Date.parse("2026-01-01T00:00:00Z"),
};

const headers = {
  "Content-Type": "application/x-amz-json-1.1",
  "X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
};

async function ours({
  url,
  body,
  accessKeyId,
  secret,
  sessionToken,
  ...scope
}: Case): Promise<string | null> {
  const credentials = {
    accessKeyId,
    secretAccessKey: new Secret(secret),
    sessionToken: sessionToken === null ? null : new Secret(sessionToken),
  };
  const { init } = signRequest({ url, headers, body }, credentials, scope);
  return new Headers(init.headers).get("authorization");
}

/** A second opinion, by a signer that has nothing in common with the SDK's. */
async function aws4fetchs({ url, body, now, service, region, ...keys }: Case): Promise<string | null> {
  const signer = new AwsV4Signer({
    method: "POST",
    url,
    body,
    service,
    region,
    headers: { ...headers, "X-Amz-Content-Sha256": createHash("sha256").update(body).digest("hex") },
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secret,
    ...(keys.sessionToken !== null && { sessionToken: keys.sessionToken }),
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    allHeaders: true,
  });
  return (await signer.sign()).headers.get("authorization");
}

type Signer = Awaited<ReturnType<NonNullable<ECRClient["config"]["signer"]>>>;

/** The AWS SDK's own signer, for the very same request. */
async function sdks({ url, body, now, region, service, ...keys }: Case): Promise<string | undefined> {
  const client = new ECRClient({
    region,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secret,
      ...(keys.sessionToken !== null && { sessionToken: keys.sessionToken }),
    },
  });
  const signer: Signer = await client.config.signer({
    name: "sigv4",
    signingName: service,
    signingRegion: region,
    properties: {},
  });
  const { hostname, port, pathname, protocol, host } = new URL(url);
  const request = {
    method: "POST",
    protocol,
    hostname,
    ...(port !== "" && { port: Number(port) }),
    path: pathname,
    query: {},
    headers: { host, ...headers },
    body,
  };
  const signed = await signer.sign(request, {
    signingDate: new Date(now),
    signingService: service,
    signingRegion: region,
  });
  return signed.headers.authorization;
}

test.each<[string, Partial<Case>]>([
  ["a plain request", {}],
  ["temporary credentials", { sessionToken: "IQoJb3JpZ2luX2VjEAoaCWV1LXdlc3QtMSJ+/=" }],
  ["a session token as long as they come", { sessionToken: `Fwo${"GZXIvYXdz+/".repeat(150)}==` }],
  ["another region", { region: "cn-north-1", url: "https://api.ecr.cn-north-1.amazonaws.com.cn/" }],
  ["GovCloud", { region: "us-gov-west-1", url: "https://api.ecr.us-gov-west-1.amazonaws.com/" }],
  ["another service", { service: "sts", url: "https://sts.eu-central-1.amazonaws.com/" }],
  ["a test server with a port", { url: "http://127.0.0.1:5000/" }],
  ["a test server with a path", { url: "http://127.0.0.1:5000/aws/ecr/" }],
  ["a path that is encoded", { url: "http://127.0.0.1:5000/a%20b/%C3%BC" }],
  ["an empty body", { body: "" }],
  ["a body of odd characters", { body: '{"a":"ü \u{1f600} <<\\n\\"\'$(x)\u2028"}' }],
  ["a secret of odd characters", { secret: "/+=~!*'()%20 ü" }],
  ["the last second of a day", { now: Date.parse("2026-12-31T23:59:59.999Z") }],
])("signs %s as the AWS SDK and aws4fetch do", async (_, change) => {
  const request = { ...plain, ...change };
  const signature = await ours(request);
  expect([signature, signature]).toEqual([await sdks(request), await aws4fetchs(request)]);
});

test("signs any body, key and token as the AWS SDK does", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 });
  const visible = fc.string({
    unit: fc.constantFrom(..."abcXYZ019+/=._-~!*'()%"),
    minLength: 1,
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        body: text.map((value) => JSON.stringify({ value })),
        secret: visible,
        sessionToken: fc.option(visible),
        region: fc.constantFrom("us-east-1", "ap-southeast-5", "us-gov-east-1", "cn-northwest-1"),
        now: fc.integer({ min: 0, max: 4e12 }),
      }),
      async (change) => {
        const request = { ...plain, ...change };
        expect(await ours(request)).toBe(await sdks(request));
      },
    ),
    { numRuns: 60 },
  );
});

test("sends what the AWS SDK sends for the same operation, but for its own marks", async () => {
  let sent: { headers: Record<string, string>; body: Uint8Array; path: string } | null = null;
  const client = new ECRClient({
    region: plain.region,
    credentials: { accessKeyId: plain.accessKeyId, secretAccessKey: plain.secret, sessionToken: "token" },
    requestHandler: {
      handle: async (request: NonNullable<typeof sent>) => {
        sent = request;
        throw Object.assign(new Error("seen"), { $retryable: false });
      },
    },
  });
  await client.send(new GetAuthorizationTokenCommand({})).catch(() => {});
  const {
    headers: theirs,
    body,
    path,
  } = sent ?? { headers: {} as Record<string, string>, body: [], path: "" };
  const marks = /^(amz-sdk-|user-agent|x-amz-user-agent|content-length|authorization|x-amz-date|host)/;
  expect([
    path,
    String(body),
    Object.fromEntries(Object.entries(theirs).filter(([name]) => !marks.test(name))),
  ]).toEqual([
    "/",
    "{}",
    {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
      "x-amz-security-token": "token",
      "x-amz-content-sha256": expect.any(String),
    },
  ]);
});

test("follows AWS's description of the signature step by step", async () => {
  const hex = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const signed = "content-type;host;x-amz-content-sha256;x-amz-date;x-amz-target";
  const canonical = [
    "POST",
    "/",
    "",
    "content-type:application/x-amz-json-1.1",
    "host:api.ecr.eu-central-1.amazonaws.com",
    `x-amz-content-sha256:${hex("{}")}`,
    "x-amz-date:20260101T000000Z",
    `x-amz-target:${headers["X-Amz-Target"]}`,
    "",
    signed,
    hex("{}"),
  ].join("\n");
  const scope = "20260101/eu-central-1/ecr/aws4_request";
  const toSign = ["AWS4-HMAC-SHA256", "20260101T000000Z", scope, hex(canonical)].join("\n");
  const key = ["20260101", "eu-central-1", "ecr", "aws4_request"].reduce<string | Buffer>(
    mac,
    `AWS4${plain.secret}`,
  );
  expect(await ours(plain)).toBe(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signed}, Signature=${mac(key, toSign).toString("hex")}`,
  );
});

const caller = "https://sts.eu-central-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15";

test.each<[string, string | null]>([
  ["an access key", null],
  ["temporary credentials", "IQoJb3JpZ2luX2VjEAoaCWV1LXdlc3QtMSJ+/=!*'()"],
])("presigns a call for %s as the AWS SDK and aws4fetch do", async (_, sessionToken) => {
  const credentials = {
    accessKeyId: plain.accessKeyId,
    secretAccessKey: new Secret(plain.secret),
    sessionToken: sessionToken === null ? null : new Secret(sessionToken),
  };
  const scope = { service: "sts", region: plain.region, now: plain.now } as const;
  const signed = { "x-k8s-aws-id": "prod" };
  const ours = new URL(presignUrl({ url: caller, headers: signed, expires: 60 }, credentials, scope));

  const keys = {
    accessKeyId: plain.accessKeyId,
    secretAccessKey: plain.secret,
    ...(sessionToken !== null && { sessionToken }),
  };
  const options = { region: plain.region, keys, headers: signed, expires: 60, now: new Date(plain.now) };
  expect(Object.fromEntries(ours.searchParams)).toEqual(await presignAsSdk(caller, options));

  const second = new AwsV4Signer({
    url: `${caller}&X-Amz-Expires=60`,
    service: "sts",
    region: plain.region,
    headers: signed,
    ...keys,
    datetime: "20260101T000000Z",
    signQuery: true,
    allHeaders: true,
  });
  const { url } = await second.sign();
  expect(ours.searchParams.get("X-Amz-Signature")).toBe(url.searchParams.get("X-Amz-Signature"));
});

test("makes a token of EKS from such a call, as `aws eks get-token` does", () => {
  const credentials = {
    accessKeyId: plain.accessKeyId,
    secretAccessKey: new Secret(plain.secret),
    sessionToken: null,
  };
  const token = makeToken({ name: "prod", region: plain.region }, credentials, plain.now).reveal();
  expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
  const url = Buffer.from(token.replace("k8s-aws-v1.", ""), "base64url").toString();
  expect(url.replace(/[0-9a-f]{64}$/, "…")).toBe(
    `${caller}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Feu-central-1%2Fsts%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=…`,
  );
});
