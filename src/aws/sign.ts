import { createHash, webcrypto } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { Secret } from "../secret.ts";
import type { Service } from "./region.ts";

// The signer takes it from there, and Node 18 has it only where it is asked for.
globalThis.crypto ??= webcrypto as typeof globalThis.crypto;

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Null for those of a user, which last. */
  readonly sessionToken: Secret | null;
}

export interface Signable {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A POST request of a service with its signature, which is good for five minutes from `now`, in milliseconds since 1970. */
export async function signRequest(
  request: Signable,
  credentials: Credentials,
  scope: { readonly service: Service; readonly region: string; readonly now: number },
): Promise<{ readonly url: string; readonly init: RequestInit }> {
  const signer = new AwsV4Signer({
    method: "POST",
    url: request.url,
    headers: {
      ...request.headers,
      "X-Amz-Content-Sha256": createHash("sha256").update(request.body).digest("hex"),
    },
    body: request.body,
    service: scope.service,
    region: scope.region,
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey.reveal(),
    ...(credentials.sessionToken && { sessionToken: credentials.sessionToken.reveal() }),
    datetime: new Date(scope.now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    allHeaders: true, // the content type and the sum of the body too, as the SDKs do
  });
  const { url, headers } = await signer.sign();
  return { url: url.href, init: { method: "POST", headers, body: request.body } };
}
