import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { AwsError } from "../ecr-model/aws-error.ts";
import { userCredentials } from "../ecr-model/ecr-model.ts";
import { type Credentials, verifySignature } from "../ecr-model/signature.ts";
import { assumeRole, writeStsError } from "../ecr-model/sts-side.ts";
import type { KubernetesServer } from "../kubernetes-model/kubernetes-server.ts";
import type { Moto } from "../moto.ts";
import { identify } from "./identify.ts";

export interface Eks {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** Whom the cluster has taken the callers for, each once. */
  readonly callers: ReadonlySet<string>;
  stop(): Promise<void>;
}

const region = "eu-west-1";

/**
 * Moto's EKS and STS, and a cluster `prod` that is the given one: moto makes up a cluster's address and authority, so
 * those two are put in. Signatures, which moto does not look at, are verified here.
 */
export async function startEks(moto: Moto, cluster: KubernetesServer): Promise<Eks> {
  const known = new Map<string, Credentials>([[userCredentials.accessKeyId, userCredentials]]);
  const callers = new Set<string>();
  cluster.identify = async (token) => {
    const caller = await identify(token, { cluster: "prod", region, moto, known });
    if (caller !== undefined) callers.add(caller);
    return caller;
  };
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${moto.url}${path}`, {
      ...init,
      headers: {
        "content-type": "application/json",
        authorization: `AWS4-HMAC-SHA256 Credential=none/20260101/${region}/eks/aws4_request, SignedHeaders=host, Signature=0`,
      },
    });
  const wish = { name: "prod", roleArn: "arn:aws:iam::123456789012:role/eks", resourcesVpcConfig: {} };
  await ask("/clusters", { method: "POST", body: JSON.stringify(wish) });

  const describe = async (path: string) => {
    const response = await ask(path);
    const answer = await response.text();
    const error = response.headers.get("x-amzn-errortype");
    if (error !== null) return { status: response.status, body: answer, error };
    const described = JSON.parse(answer);
    Object.assign(described.cluster, {
      endpoint: cluster.url,
      certificateAuthority: { data: Buffer.from(cluster.authority).toString("base64") },
    });
    return { status: response.status, body: JSON.stringify(described), error: null };
  };

  const server = createServer(async (request, response) => {
    const { method = "", url: target = "" } = request;
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const body = await text(request);
    try {
      if (method === "POST" && target === "/") {
        const learn = (learned: Credentials) => known.set(learned.accessKeyId, learned);
        const answer = await assumeRole(body, { moto, isTrusted: () => true, learn });
        return response.writeHead(answer.status).end(answer.body);
      }
      verifySignature({ method, target, headers, body }, known, { region, service: "eks", now: Date.now() });
      const answer = await describe(target);
      const named = answer.error === null ? {} : { "x-amzn-errortype": answer.error };
      return response.writeHead(answer.status, named).end(answer.body);
    } catch (error) {
      if (!(error instanceof AwsError)) return response.destroy();
      if (method === "POST") return response.writeHead(error.status).end(writeStsError(error).body);
      const named = { "x-amzn-errortype": error.code };
      return response.writeHead(403, named).end(JSON.stringify({ message: error.message }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    callers,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
