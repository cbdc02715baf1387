import { afterAll } from "vitest";
import { type KubernetesServer, startKubernetes } from "./kubernetes-model/kubernetes-server.ts";

const servers: KubernetesServer[] = [];
afterAll(async () => {
  const results = await Promise.allSettled(servers.map((server) => server.stop()));
  const reasons = results.filter((each) => each.status === "rejected").map(({ reason }) => String(reason));
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
});

export const deploymentPath = "/apis/apps/v1/namespaces/web/deployments/api";

/** What nobody may read in any output. */
export const hiddenValue = "postgres://app:hunter2-in-the-log@db";

export function workload(image: string, kind = "Deployment") {
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name: "api", namespace: "web" },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: "api" } },
      template: {
        metadata: { labels: { app: "api" } },
        spec: { containers: [{ name: "api", image, env: [{ name: "DATABASE_URL", value: hiddenValue }] }] },
      },
    },
  };
}

/** A cluster with the namespace `web`; stopped when all tests of the file have ended. */
export async function openKubernetes(): Promise<KubernetesServer> {
  const server = await startKubernetes();
  servers.push(server);
  server.write("/api/v1/namespaces/web", "Namespace", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "web" },
  });
  return server;
}

/** The same, with a Deployment `api` that runs `registry/api:1`. */
export async function openWithApi(kind = "Deployment"): Promise<KubernetesServer> {
  const server = await openKubernetes();
  server.write(
    deploymentPath.replace("deployment", kind.toLowerCase()),
    kind,
    workload("registry/api:1", kind),
  );
  return server;
}

/** The image that the object there asks for. */
export function imageAt(server: KubernetesServer, path = deploymentPath): string {
  return /"image":"([^"]*)"/.exec(JSON.stringify(server.read(path)))?.[1] ?? "";
}
