import { UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";
import { Unfit } from "../orb/parameter.ts";

/** Where the names of a partition's hosts end: AWS's partitions.json, as its SDKs carry it. */
const suffixes: readonly (readonly [prefix: RegExp, suffix: string])[] = [
  [/^cn-/, "amazonaws.com.cn"],
  [/^us-iso-/, "c2s.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov"],
  [/^us-isof-/, "csp.hci.ic.gov"],
  [/^eu-isoe-/, "cloud.adc-e.uk"],
  [/^eusc-/, "amazonaws.eu"],
];

function hostSuffix(region: string): string {
  return suffixes.find(([prefix]) => prefix.test(region))?.[1] ?? "amazonaws.com";
}

export function registryHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.${hostSuffix(region)}`;
}

/** What a service's host begins with, and what the SDKs call it in variables: their endpoint rules and service ids. */
const services = {
  ecr: { host: "api.ecr", id: "ECR" },
  ecs: { host: "ecs", id: "ECS" },
  eks: { host: "eks", id: "EKS" },
  logs: { host: "logs", id: "CLOUDWATCH_LOGS" },
  sts: { host: "sts", id: "STS" },
} as const;

export type Service = keyof typeof services;

/**
 * Where a service is called: `AWS_ENDPOINT_URL_ECR` or `AWS_ENDPOINT_URL` where they are set, as the SDKs and the
 * AWS CLI take them, for VPC endpoints and test servers. Throws `parameter.invalid`.
 */
export function endpointOf(service: Service, region: string, env: Environment): string {
  const isIgnored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true";
  const variable = [`AWS_ENDPOINT_URL_${services[service].id}`, "AWS_ENDPOINT_URL"].find((name) => env[name]);
  const configured = variable && env[variable];
  if (!configured || isIgnored) return `https://${services[service].host}.${region}.${hostSuffix(region)}`;
  const problem = faultOfEndpoint(configured);
  if (problem === null) return configured;
  throw new UserError("parameter.invalid", `${variable} ${problem}.`, {
    hints: ["Give the URL of an endpoint, such as https://vpce-1a2b.api.ecr.eu-west-1.vpce.amazonaws.com."],
  });
}

/** Why a text is no endpoint, or null. What may hold a password is not repeated. */
function faultOfEndpoint(text: string): string | null {
  if (text.includes("@")) return "has a user or a password in it: AWS takes a signature, and nothing else";
  const url = parseUrl(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    return `is no http or https URL: "${text}"`;
  }
  if (url.search !== "" || url.hash !== "") return `has a query or a fragment: "${text}"`;
  if (url.protocol === "https:" || isLoopback(url.hostname)) return null;
  return `would send credentials to ${url.hostname} in the clear, for it is no https URL: "${text}"`;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** As Docker lets registries do without TLS. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** A region by its form: which regions there are, only AWS knows. Throws `Unfit`. */
export function parseRegion(text: string): string {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new Unfit(`is no region of AWS: "${text}"`, { hints: ["Regions are named like eu-central-1."] });
}
