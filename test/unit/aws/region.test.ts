import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EKSClient } from "@aws-sdk/client-eks";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { endpointOf, parseRegion, registryHost } from "../../../src/aws/region.ts";

const regions = [
  "us-east-1",
  "eu-central-1",
  "ap-southeast-5",
  "mx-central-1",
  "il-central-1",
  "cn-north-1",
  "cn-northwest-1",
  "us-gov-west-1",
  "us-gov-east-1",
  "us-iso-east-1",
  "us-isob-east-1",
  "us-isof-south-1",
  "eu-isoe-west-1",
  "eusc-de-east-1",
];

test.each(regions)("knows the hosts of %s as the AWS SDK does", async (region) => {
  const Region = region;
  const endpoints = {
    ecr: new ECRClient({ region }).config.endpointProvider({ Region }),
    ecs: new ECSClient({ region }).config.endpointProvider({ Region }),
    eks: new EKSClient({ region }).config.endpointProvider({ Region }),
    sts: new STSClient({ region }).config.endpointProvider({ Region, UseGlobalEndpoint: false }),
  };
  const hosts = Object.entries(endpoints).map(([service, { url }]) => [service, url.origin]);
  const services = ["ecr", "ecs", "eks", "sts"] as const;
  expect(services.map((service) => [service, endpointOf(service, region, {})])).toEqual(hosts);
});

test.each(regions)("takes %s as a region", (region) => expect(parseRegion(region)).toBe(region));

test.each(["eu-west", "eu_west_1", "EU-WEST-1", "Frankfurt", "eu-west-1.evil.example/", "eu-west-1\n"])(
  "refuses %j as a region",
  (text) => expect(() => parseRegion(text)).toThrow(`is no region of AWS: "${text}"`),
);

test("derives the registry's host from account and region, in China too", () => {
  expect([registryHost("123456789012", "eu-west-1"), registryHost("123456789012", "cn-north-1")]).toEqual([
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
  ]);
});

test.each([
  ["https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com"],
  ["https://proxy.example:8443/aws/ecr/"],
  ["HTTPS://PROXY.EXAMPLE"],
  ["http://localhost:4566"],
  ["http://[::1]:4566"],
  ["http://127.1.2.3"],
])("takes the endpoint %s", (url) => {
  expect(endpointOf("ecr", "eu-west-1", { AWS_ENDPOINT_URL: url })).toBe(url);
});

test.each([
  ["vpce.example", 'is no http or https URL: "vpce.example"'],
  ["vpce.example:443", 'is no http or https URL: "vpce.example:443"'],
  ["file:///etc/passwd", 'is no http or https URL: "file:///etc/passwd"'],
  ["https://", 'is no http or https URL: "https://"'],
  ["https://x/?Action=x", 'has a query or a fragment: "https://x/?Action=x"'],
  ["https://x/#x", 'has a query or a fragment: "https://x/#x"'],
  [
    "http://aws.example",
    'would send credentials to aws.example in the clear, for it is no https URL: "http://aws.example"',
  ],
  [
    "http://127.0.0.1.example/",
    'would send credentials to 127.0.0.1.example in the clear, for it is no https URL: "http://127.0.0.1.example/"',
  ],
  ["https://me:hush@aws.example", "has a user or a password in it: AWS takes a signature, and nothing else"],
  [
    "https://me:hu sh@aws.example:x",
    "has a user or a password in it: AWS takes a signature, and nothing else",
  ],
])("refuses the endpoint %s, and names the variable", (url, problem) => {
  for (const variable of ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECR"]) {
    expect(() => endpointOf("ecr", "eu-west-1", { [variable]: url })).toThrow(
      expect.objectContaining({ code: "parameter.invalid", exitCode: 2, message: `${variable} ${problem}.` }),
    );
  }
});

test("looks at no endpoint that is not used", () => {
  const env = { AWS_ENDPOINT_URL: "nonsense", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  expect(endpointOf("ecr", "eu-west-1", env)).toBe("https://api.ecr.eu-west-1.amazonaws.com");
  const other = { AWS_ENDPOINT_URL: "nonsense", AWS_ENDPOINT_URL_ECR: "https://x" };
  expect(endpointOf("ecr", "eu-west-1", other)).toBe("https://x");
});

test.each([
  [{ AWS_ENDPOINT_URL: "http://127.0.0.1:1" }, "http://127.0.0.1:1"],
  [
    { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL_ECR: "http://127.0.0.1:2" },
    "http://127.0.0.1:2",
  ],
  [{ AWS_ENDPOINT_URL_STS: "http://127.0.0.1:3" }, "https://api.ecr.eu-west-1.amazonaws.com"],
  [
    { AWS_ENDPOINT_URL: "http://127.0.0.1:1", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
    "https://api.ecr.eu-west-1.amazonaws.com",
  ],
])("calls ECR where %j says", (env, url) => expect(endpointOf("ecr", "eu-west-1", env)).toBe(url));
