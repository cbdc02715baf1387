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
 * AWS CLI take them, for VPC endpoints and test servers.
 */
export function endpointOf(service: Service, region: string, env: Environment): string {
  const isIgnored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true";
  const configured = env[`AWS_ENDPOINT_URL_${services[service].id}`] || env.AWS_ENDPOINT_URL;
  if (configured && !isIgnored) return configured;
  return `https://${services[service].host}.${region}.${hostSuffix(region)}`;
}

/** A region by its form: which regions there are, only AWS knows. Throws `Unfit`. */
export function parseRegion(text: string): string {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(text)) return text;
  throw new Unfit(`is no region of AWS: "${text}"`, { hints: ["Regions are named like eu-central-1."] });
}
