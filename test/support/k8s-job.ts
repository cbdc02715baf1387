import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleResult, runBundle } from "./bundle.ts";
import { makeFolder } from "./folders.ts";
import { hiddenValue } from "./kubernetes.ts";
import { type KubernetesServer, token } from "./kubernetes-model/kubernetes-server.ts";
import { parameterVariables } from "./service.ts";

export type Texts = Readonly<Record<string, string>>;

export interface K8sJob {
  readonly parameters?: Texts;
  readonly files?: Texts;
  readonly kubeconfig?: string;
  readonly env?: Texts;
}

/** Gives the deployment `api` its second image. */
export const image2 = { workload: "deployment/api", image: "registry/api:2" };

/** The variables and the folder of a job with k8s-deploy. */
export async function prepare(server: KubernetesServer, { parameters, files, kubeconfig, env }: K8sJob) {
  const variables = await parameterVariables("k8s-deploy", { release: "deploy", ...parameters });
  const all = {
    PATH: process.env.PATH ?? "",
    KUBECONFIG_DATA: kubeconfig ?? server.kubeconfig,
    CIRCLE_SHA1: "0123456789abcdef",
    ...variables,
    ...env,
  };
  return { all, directory: makeFolder(files) };
}

export async function deploy(server: KubernetesServer, job: K8sJob) {
  const { all, directory } = await prepare(server, job);
  return finish(server, directory, await runBundle("k8s-deploy", all, directory));
}

/** What it has left, with the secrets that it has told. */
export function finish(server: KubernetesServer, directory: string, result: BundleResult) {
  const output = `${result.stdout}${result.stderr}`;
  const secrets = [token, server.client.key.split("\n")[1] ?? "", hiddenValue];
  const record = () => JSON.parse(readFileSync(join(directory, ".circleback/releases/deploy.json"), "utf8"));
  return { ...result, output, leaks: secrets.filter((secret) => output.includes(secret)), record };
}
