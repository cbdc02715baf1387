import type { Credentials } from "../ecr-model/signature.ts";
import type { Moto } from "../moto.ts";
import { presignAsSdk } from "./presign.ts";

interface Parts {
  readonly cluster: string;
  readonly region: string;
  readonly moto: Moto;
  readonly known: ReadonlyMap<string, Credentials>;
}

/** The parameters that aws-iam-authenticator lets pass (pkg/token/token.go), and a session token where there is one. */
const parameters = [
  "Action",
  "Version",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-Signature",
  "X-Amz-SignedHeaders",
];

/**
 * Whose token it is, or undefined: what aws-iam-authenticator does in a cluster of EKS. The signature has to be the one
 * that the AWS SDK makes of the same request, and moto's STS says who the key belongs to.
 */
export async function identify(
  token: string,
  { cluster, region, moto, known }: Parts,
): Promise<string | undefined> {
  const [, encoded] = /^k8s-aws-v1\.([\w-]{1,4000})$/.exec(token) ?? [];
  const url = new URL(Buffer.from(encoded ?? "", "base64url").toString());
  const query = Object.fromEntries(url.searchParams);
  if (url.origin !== `https://sts.${region}.amazonaws.com` || url.pathname !== "/") return;
  const { "X-Amz-Security-Token": sessionToken, ...others } = query;
  if (Object.keys(others).sort().join() !== parameters.join()) return;
  if (query.Action !== "GetCallerIdentity" || query["X-Amz-SignedHeaders"] !== "host;x-k8s-aws-id") return;

  const [, day, time] = /^(\d{8})T(\d{6})Z$/.exec(query["X-Amz-Date"] ?? "") ?? [];
  const now = new Date(`${day}T${time}Z`.replace(/^(....)(..)(..)T(..)(..)(..)/, "$1-$2-$3T$4:$5:$6"));
  if (!(Math.abs(Date.now() - now.getTime()) < 15 * 60_000)) return;
  const key = query["X-Amz-Credential"]?.split("/")[0] ?? "";
  const owner = known.get(key);
  if (owner === undefined || owner.sessionToken !== (sessionToken ?? null)) return;
  const expected = await presignAsSdk(`${url.origin}/?Action=${query.Action}&Version=${query.Version}`, {
    region,
    keys: {
      accessKeyId: owner.accessKeyId,
      secretAccessKey: owner.secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    headers: { "x-k8s-aws-id": cluster },
    expires: Number(query["X-Amz-Expires"]),
    now,
  });
  if (expected["X-Amz-Signature"] !== query["X-Amz-Signature"]) return;

  const answer = await fetch(moto.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      authorization: `AWS4-HMAC-SHA256 Credential=${query["X-Amz-Credential"]}, SignedHeaders=host, Signature=0`,
    },
    body: `Action=GetCallerIdentity&Version=${query.Version}`,
  });
  return /<Arn>([^<]+)<\/Arn>/.exec(await answer.text())?.[1];
}
