import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EKSClient } from "@aws-sdk/client-eks";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { endpointOf, parseRegion, registryHost } from "../../../src/aws/region.ts";
import type { Environment } from "../../../src/host/host.ts";

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

const variants = {
  neither: {},
  FIPS: { AWS_USE_FIPS_ENDPOINT: "true" },
  "dual-stack": { AWS_USE_DUALSTACK_ENDPOINT: "true" },
  both: { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" },
};
/** Where AWS does not tell how a registry is called that has IPv6. */
const withoutDualStack = regions.filter((region) => /iso|^eusc/.test(region));
const cases = Object.entries(variants).flatMap(([name, env]) =>
  regions
    .filter((region) => !("AWS_USE_DUALSTACK_ENDPOINT" in env && withoutDualStack.includes(region)))
    .map((region) => [name, region, env] as const),
);

test.each(cases)("with %s knows the hosts of %s as the AWS SDK does", (_, region, env) => {
  const asked = {
    Region: region,
    UseFIPS: "AWS_USE_FIPS_ENDPOINT" in env,
    UseDualStack: "AWS_USE_DUALSTACK_ENDPOINT" in env,
  };
  const endpoints = {
    ecr: new ECRClient({ region }).config.endpointProvider(asked),
    ecs: new ECSClient({ region }).config.endpointProvider(asked),
    eks: new EKSClient({ region }).config.endpointProvider(asked),
    sts: new STSClient({ region }).config.endpointProvider({ ...asked, UseGlobalEndpoint: false }),
  };
  const hosts = Object.entries(endpoints).map(([service, { url }]) => [service, url.origin]);
  const services = ["ecr", "ecs", "eks", "sts"] as const;
  expect(services.map((service) => [service, endpointOf(service, region, env)])).toEqual(hosts);
});

/** Its SDK is not among those here: rules of its endpoint rule set, as the SDKs carry it. */
test.each<[string, Environment, string]>([
  ["us-east-1", {}, "logs.us-east-1.amazonaws.com"],
  ["us-east-1", variants.FIPS, "logs-fips.us-east-1.amazonaws.com"],
  ["us-gov-west-1", variants.FIPS, "logs.us-gov-west-1.amazonaws.com"],
  ["us-gov-east-1", variants.FIPS, "logs.us-gov-east-1.amazonaws.com"],
  ["us-east-1", variants["dual-stack"], "logs.us-east-1.api.aws"],
  ["us-gov-west-1", variants.both, "logs-fips.us-gov-west-1.api.aws"],
])("finds the logs of %s with %j at %s", (region, env, host) =>
  expect(endpointOf("logs", region, env)).toBe(`https://${host}`),
);

test.each(withoutDualStack)("says that it knows no dual-stack hosts in %s", (region) => {
  const said = expect.objectContaining({
    code: "parameter.invalid",
    message: `AWS_USE_DUALSTACK_ENDPOINT is set, but ECR has no known dual-stack hosts in ${region}.`,
  });
  expect(() => registryHost("123456789012", region, variants.both)).toThrow(said);
  expect(() => endpointOf("ecr", region, variants["dual-stack"])).toThrow(said);
});

test.each([
  ["TRUE", "https://api.ecr-fips.us-east-1.amazonaws.com"],
  ["False", "https://api.ecr.us-east-1.amazonaws.com"],
  ["", "https://api.ecr.us-east-1.amazonaws.com"],
])("reads AWS_USE_FIPS_ENDPOINT=%s as the AWS CLI does", (text, url) =>
  expect(endpointOf("ecr", "us-east-1", { AWS_USE_FIPS_ENDPOINT: text })).toBe(url),
);

test.each(["1", "yes", "true "])("refuses %j where AWS knows true and false", (text) => {
  for (const variable of ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"]) {
    expect(() => endpointOf("ecr", "us-east-1", { [variable]: text })).toThrow(
      expect.objectContaining({
        code: "parameter.invalid",
        message: `${variable} is neither true nor false: "${text}".`,
      }),
    );
  }
});

test("takes an endpoint that is named outright before FIPS and dual-stack ones", () => {
  const env = { ...variants.both, AWS_ENDPOINT_URL: "https://vpce.example" };
  expect(endpointOf("ecr", "us-east-1", env)).toBe("https://vpce.example");
});

test.each(regions)("takes %s as a region", (region) => expect(parseRegion(region)).toBe(region));

test.each(["eu-west", "eu_west_1", "EU-WEST-1", "Frankfurt", "eu-west-1.evil.example/", "eu-west-1\n"])(
  "refuses %j as a region",
  (text) => expect(() => parseRegion(text)).toThrow(`is no region of AWS: "${text}"`),
);

/** By AWS's table of ECR's endpoints, and the names that its credential helper for Docker takes. */
test.each<[string, Environment, string]>([
  ["eu-west-1", {}, "dkr.ecr.eu-west-1.amazonaws.com"],
  ["cn-north-1", {}, "dkr.ecr.cn-north-1.amazonaws.com.cn"],
  ["us-east-2", variants.FIPS, "dkr.ecr-fips.us-east-2.amazonaws.com"],
  ["us-gov-west-1", variants.FIPS, "dkr.ecr-fips.us-gov-west-1.amazonaws.com"],
  ["us-east-2", variants["dual-stack"], "dkr-ecr.us-east-2.on.aws"],
  ["cn-north-1", variants["dual-stack"], "dkr-ecr.cn-north-1.on.amazonwebservices.com.cn"],
  ["us-east-2", variants.both, "dkr-ecr-fips.us-east-2.on.aws"],
  ["us-gov-west-1", variants.both, "dkr-ecr-fips.us-gov-west-1.on.aws"],
])("derives the registry's host in %s with %j: %s", (region, env, host) =>
  expect(registryHost("123456789012", region, env)).toBe(`123456789012.${host}`),
);

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
