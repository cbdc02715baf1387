import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Access } from "../kubernetes/access.ts";
import { Secret } from "../secret.ts";
import { callOnce, Refused } from "./call.ts";
import type { CredentialStore } from "./credentials.ts";
import { endpointOf } from "./region.ts";
import { presignUrl } from "./sign.ts";

const Described = v.object({
  cluster: v.object({
    status: v.string(),
    endpoint: v.nullish(v.string()),
    certificateAuthority: v.nullish(v.object({ data: v.nullish(v.string()) })),
  }),
});

export interface EksCluster {
  readonly name: string;
  readonly region: string;
}

/** Asks EKS where the cluster is and by what authority it is known; the token is made here. */
export async function openEks(
  host: Host,
  { name, region }: EksCluster,
  credentials: CredentialStore,
): Promise<Access> {
  const { status, endpoint, certificateAuthority } = await describeCluster(
    host,
    { name, region },
    credentials,
  );
  const authority = certificateAuthority?.data;
  if (!endpoint || !authority) {
    throw new UserError(
      "cluster.unreachable",
      `The cluster ${name} (${region}) has no address: it is ${status}.`,
      {
        hints: ["Wait until EKS calls the cluster ACTIVE."],
      },
    );
  }
  return {
    server: endpoint.replace(/\/+$/, ""),
    title: `the cluster ${name} (${region})`,
    namespace: null,
    trust: {
      authority: Buffer.from(authority, "base64").toString(),
      serverName: null,
      certificate: null,
      key: null,
    },
    bearer: tokenMaker(host, { name, region }, credentials),
    unauthorizedHint: `Give the role or user an access entry in ${name}: aws eks create-access-entry --cluster-name ${name} --principal-arn <arn>.`,
  };
}

async function describeCluster(host: Host, { name, region }: EksCluster, credentials: CredentialStore) {
  const base = endpointOf("eks", region, host.env).replace(/\/+$/, "");
  const request = { method: "GET", url: `${base}/clusters/${name}`, headers: {}, body: "" } as const;
  try {
    const expected = ["ResourceNotFoundException"];
    const call = {
      service: "eks",
      region,
      operation: "DescribeCluster",
      request,
      schema: Described,
      expected,
    } as const;
    return (await callOnce(host, call, credentials)).cluster;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new UserError("cluster.not-found", `There is no EKS cluster ${name} in ${region}.`, {
      hints: ["Check `cluster` and `region`, and the account that the credentials belong to."],
    });
  }
}

/** Clusters take a token for fifteen minutes from the time in it (aws-iam-authenticator, "API Authorization"). */
const lifetime = 10 * 60_000;

function tokenMaker(host: Host, cluster: EksCluster, credentials: CredentialStore): Access["bearer"] {
  let known: { readonly token: Secret; readonly madeAt: number } | null = null;
  return async () => {
    const now = host.clock.now();
    if (known === null || now - known.madeAt > lifetime) {
      known = { token: makeToken(cluster, await credentials.get(), now), madeAt: now };
      host.log.hide(known.token);
    }
    return known.token;
  };
}

/**
 * What `aws eks get-token` prints: a signed call of STS that the cluster makes to learn who we are. It is always
 * STS's own regional address, since clusters take no other.
 */
export function makeToken(
  { name, region }: EksCluster,
  credentials: Parameters<typeof presignUrl>[1],
  now: number,
): Secret {
  const url = presignUrl(
    {
      url: `${endpointOf("sts", region, {})}/?Action=GetCallerIdentity&Version=2011-06-15`,
      headers: { "x-k8s-aws-id": name },
      expires: 60,
    },
    credentials,
    { service: "sts", region, now },
  );
  return new Secret(`k8s-aws-v1.${Buffer.from(url).toString("base64url")}`);
}
