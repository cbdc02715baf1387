import { UserError } from "../errors.ts";
import type { Environment } from "../host/host.ts";
import { Unfit } from "../orb/parameter.ts";

/**
 * Where the names of a partition's hosts end, those without and those with IPv6: AWS's partitions.json, as its SDKs
 * carry it. The latter only where AWS tells how a registry is called then, too.
 */
const partitions: readonly (readonly [prefix: RegExp, suffix: string, dualStack?: string])[] = [
  [/^cn-/, "amazonaws.com.cn", "amazonwebservices.com.cn"],
  [/^us-iso-/, "c2s.ic.gov"],
  [/^us-isob-/, "sc2s.sgov.gov"],
  [/^us-isof-/, "csp.hci.ic.gov"],
  [/^eu-isoe-/, "cloud.adc-e.uk"],
  [/^eusc-/, "amazonaws.eu"],
  [/^/, "amazonaws.com", "aws"],
];

/** A host by its names without and with IPv6; `zone` stands between region and domain of the latter. */
function hostOf(
  [name, dualStackName, zone]: readonly [string, string, string],
  region: string,
  env: Environment,
): string {
  const [, suffix, dualStack] = partitions.find(([prefix]) => prefix.test(region)) ?? [];
  const fips = isOn("AWS_USE_FIPS_ENDPOINT", env) ? "-fips" : "";
  if (!isOn("AWS_USE_DUALSTACK_ENDPOINT", env)) return `${name}${fips}.${region}.${suffix}`;
  if (dualStack) return `${dualStackName}${fips}.${region}.${zone}.${dualStack}`;
  throw new UserError(
    "parameter.invalid",
    `AWS_USE_DUALSTACK_ENDPOINT is set, but ECR has no known dual-stack hosts in ${region}.`,
  );
}

/** Throws `parameter.invalid`. */
function isOn(variable: string, env: Environment): boolean {
  const text = env[variable] || "false";
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === "true";
  throw new UserError("parameter.invalid", `${variable} is neither true nor false: "${text}".`);
}

/** As Docker calls the registry: AWS's table of ECR's endpoints. Throws `parameter.invalid`. */
export function registryHost(account: string, region: string, env: Environment): string {
  return `${account}.${hostOf(["dkr.ecr", "dkr-ecr", "on"], region, env)}`;
}

/** What the SDKs call a service in variables: their service ids. */
const services = { ecr: "ECR", ecs: "ECS", eks: "EKS", logs: "CLOUDWATCH_LOGS", sts: "STS" } as const;

export type Service = keyof typeof services;

/**
 * Where a service is called: `AWS_ENDPOINT_URL_ECR` or `AWS_ENDPOINT_URL` where they are set, as the SDKs and the
 * AWS CLI take them, for VPC endpoints and test servers; else by the region, `AWS_USE_FIPS_ENDPOINT` and
 * `AWS_USE_DUALSTACK_ENDPOINT`. Throws `parameter.invalid`.
 */
export function endpointOf(service: Service, region: string, env: Environment): string {
  const variable = endpointVariable(service, env);
  const configured = variable && env[variable];
  if (!configured) return `https://${serviceHost(service, region, env)}`;
  const problem = faultOfEndpoint(configured);
  if (problem === null) return configured;
  throw new UserError("parameter.invalid", `${variable} ${problem}.`, {
    hints: ["Give the URL of an endpoint, such as https://vpce-1a2b.api.ecr.eu-west-1.vpce.amazonaws.com."],
  });
}

/** The variable that names the endpoint of a service, or null where the region does. */
export function endpointVariable(service: Service, env: Environment): string | null {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true") return null;
  const names = [`AWS_ENDPOINT_URL_${services[service]}`, "AWS_ENDPOINT_URL"];
  return names.find((name) => env[name]) ?? null;
}

/** By the SDKs' endpoint rules, which have some names of their own for FIPS. */
function serviceHost(service: Service, region: string, env: Environment): string {
  const host = hostOf([service === "ecr" ? "api.ecr" : service, service, "api"], region, env);
  return host
    .replace(/^(eks|logs|sts)-fips(\.us-gov-[\w-]+\.amazonaws)/, "$1$2")
    .replace(/^eks-fips(\..*\.amazonaws\.com)$/, "fips.eks$1");
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
