import { parseRegion } from "../../aws/region.ts";
import { parsePath } from "../../delivery/deploy-parameters.ts";
import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { readLines } from "../../orb/lines.ts";
import { Unfit } from "../../orb/parameter.ts";

/** Kinds whose pods have an image that can be changed, by their names in small letters. */
const kinds = {
  deployment: { kind: "Deployment", apiVersion: "apps/v1" },
  statefulset: { kind: "StatefulSet", apiVersion: "apps/v1" },
  daemonset: { kind: "DaemonSet", apiVersion: "apps/v1" },
  cronjob: { kind: "CronJob", apiVersion: "batch/v1" },
} as const;

export interface WorkloadName {
  readonly kind: (typeof kinds)[keyof typeof kinds]["kind"];
  readonly apiVersion: string;
  readonly name: string;
}

const objectName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** `deployment/api`. Throws `Unfit`, as all of these. */
export function parseWorkload(text: string, env: Environment): WorkloadName | null {
  const filled = fillVariables(text, env);
  if (filled === "") return null;
  const [, word = "", name = ""] = /^(\w+)\/(.*)$/.exec(filled) ?? [];
  const found = Object.entries(kinds).find(([known]) => known === word.toLowerCase().replace(/s$/, ""))?.[1];
  if (found !== undefined && objectName.test(name)) return { ...found, name };
  throw new Unfit(`names no workload: "${filled}"`, {
    hints: [`Write kind and name, such as deployment/api; kinds are ${Object.keys(kinds).join(", ")}.`],
  });
}

/** Of a namespace, or of a container. */
export function parseLabel(text: string, env: Environment): string {
  const filled = fillVariables(text, env);
  if (/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/.test(filled)) return filled;
  throw new Unfit(`is no name in Kubernetes: "${filled}"`, {
    hints: ["Use up to 63 small letters, digits and dashes, a letter or digit first and last."],
  });
}

export function parseManifests(text: string, env: Environment): readonly string[] {
  return readLines(text).map((line) => parsePath(line, env));
}

export function parseCluster(text: string, env: Environment): string {
  const name = fillVariables(text, env);
  if (/^([0-9A-Za-z][\w-]{0,99})?$/.test(name)) return name;
  throw new Unfit(`is no name of an EKS cluster: "${name}"`, {
    hints: ["Give the cluster's name alone, not its ARN."],
  });
}

/** Empty where there is none: a kubeconfig needs none. */
export function parseOptionalRegion(text: string, env: Environment): string {
  const region = fillVariables(text, env) || env.AWS_REGION || env.AWS_DEFAULT_REGION || "";
  return region === "" ? "" : parseRegion(region);
}
