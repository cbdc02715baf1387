import { createHash, createHmac } from "node:crypto";
import type { Secret } from "../secret.ts";
import type { Service } from "./region.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Null for those of a user, which last. */
  readonly sessionToken: Secret | null;
}

export interface Signable {
  /** Without a query: the services that are called here take none. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A POST request of a service with its signature (AWS's Signature Version 4, all headers signed as the SDKs do), which
 * is good for five minutes from `now`, in milliseconds since 1970.
 */
export function signRequest(
  { url, headers, body }: Signable,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  { service, region, now }: { readonly service: Service; readonly region: string; readonly now: number },
): { readonly url: string; readonly init: RequestInit } {
  const { host, pathname } = new URL(url);
  const time = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, "");
  const sent = {
    ...headers,
    "X-Amz-Content-Sha256": sha256(body),
    "X-Amz-Date": time,
    ...(sessionToken && { "X-Amz-Security-Token": sessionToken.reveal() }),
  };
  const signed = Object.entries({ ...sent, Host: host })
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const names = signed.map(([name]) => name).join(";");
  const canonical = [
    "POST",
    pathname.split("/").map(encodeURIComponent).join("/"), // once more than it already is
    "",
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = [time.slice(0, 8), region, service, "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), sha256(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey.reveal()}`);
  const credential = `Credential=${accessKeyId}/${scope.join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${hmac(key, text).toString("hex")}`;
  return { url, init: { method: "POST", headers: { ...sent, Authorization: authorization }, body } };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
