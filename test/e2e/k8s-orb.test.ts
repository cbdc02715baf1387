import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { deploymentPath, imageAt, openKubernetes } from "../support/kubernetes.ts";
import { token } from "../support/kubernetes-model/kubernetes-server.ts";
import { runLoop } from "../support/loop.ts";
import { statuses, stepsOf } from "../support/simulator.ts";

const example = join(import.meta.dirname, "../../examples/k8s/app");
const read = (path: string) => readFileSync(join(example, path), "utf8");

test("k8s-deploy in the packed orb brings the manifests of the example to a cluster, as a job", async () => {
  const server = await openKubernetes();
  const paths = [".circleci/config.yml", "k8s/settings.yml", "k8s/api.yml"];
  const report = await runLoop(
    { "gh/acme/app": Object.fromEntries(paths.map((path) => [path, read(path)])) },
    stringify({ contexts: { cluster: { KUBECONFIG_DATA: server.kubeconfig } } }),
  );
  expect(statuses(report)["gh/acme/app#1"]).toEqual({
    deliver: { status: "success", jobs: { "deploy-to-sandbox": "success" } },
  });
  expect(imageAt(server, deploymentPath)).toBe("registry.example.com/team/api:0.1.1");
  const output = stepsOf(report, "deploy-to-sandbox")
    .map((step) => step.output)
    .join("");
  expect([output.includes(token), output.includes("is rolled out: 2 of 2 pods are available")]).toEqual([
    false,
    true,
  ]);
});
