import { dirname } from "node:path";
import { openCredentials } from "../../aws/credentials.ts";
import { openEks } from "../../aws/eks.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Access } from "../../kubernetes/access.ts";
import { readKubeconfig } from "../../kubernetes/kubeconfig.ts";
import type { K8sInput } from "./definition.ts";

/** Where the cluster is, and as whom it is called. */
export async function openCluster(host: Host, input: K8sInput): Promise<Access> {
  const { cluster, region, kubeconfig, kubeconfigPath } = input;
  if (cluster !== "") return openEks(host, { name: cluster, region }, openCredentials(host, input));
  if (kubeconfigPath === "") {
    const given = kubeconfig.value?.reveal() ?? "";
    const text = /^[\w+/=\s]+$/.test(given) ? Buffer.from(given, "base64").toString() : given;
    return readKubeconfig(host, { text, name: kubeconfig.variable, folder: "." });
  }
  const text = await host.files.read(kubeconfigPath);
  if (text === null) {
    throw new UserError("kubeconfig.invalid", `There is no kubeconfig ${kubeconfigPath}.`, {
      hints: ["`kubeconfig-path` is seen from the job's working directory."],
    });
  }
  return readKubeconfig(host, { text, name: kubeconfigPath, folder: dirname(kubeconfigPath) });
}
