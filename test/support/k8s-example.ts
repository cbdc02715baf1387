import { type KubernetesServer, startKubernetes } from "./kubernetes-model/kubernetes-server.ts";
import { fillScenarioWithSlack, type SlackExample, stopAll } from "./run-example.ts";

export interface K8sExample extends SlackExample {
  readonly server: KubernetesServer;
}

/** Starts what examples/k8s needs: Slack, and a cluster with three namespaces. */
export async function openK8sExample(): Promise<K8sExample> {
  const server = await startKubernetes();
  for (const branch of ["develop", "preprod", "master"]) {
    const metadata = { name: `shop-${branch}` };
    server.write(`/api/v1/namespaces/shop-${branch}`, "Namespace", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata,
    });
  }
  const filled = await fillScenarioWithSlack("k8s", { cluster: { KUBECONFIG_DATA: server.kubeconfig } });
  return { ...filled, server, stop: () => stopAll([server, filled]) };
}
