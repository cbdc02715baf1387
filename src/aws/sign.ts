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
  readonly method?: "GET" | "POST";
  /** Without a query: the services that are called here take none. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for a GET. */
  readonly body: string;
}

export interface Scope {
  readonly service: Service;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * A request of a service with its signature (AWS's Signature Version 4, all headers signed as the SDKs do), which is
 * good for five minutes from `now`.
 */
export function signRequest(
  { method = "POST", url, headers, body }: Signable,
  credentials: Credentials,
  scope: Scope,
): { readonly url: string; readonly init: RequestInit } {
  const { host, pathname } = new URL(url);
  const sent = {
    ...headers,
    "X-Amz-Content-Sha256": sha256(body),
    "X-Amz-Date": timeOf(scope),
    ...(credentials.sessionToken && { "X-Amz-Security-Token": credentials.sessionToken.reveal() }),
  };
  const canonical = { method, pathname, query: "", headers: { ...sent, Host: host }, body };
  const { names, signature } = sign(canonical, credentials, scope);
  const credential = `Credential=${credentials.accessKeyId}/${scopeOf(scope).join("/")}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`;
  return {
    url,
    init: {
      method,
      headers: { ...sent, Authorization: authorization },
      ...(method === "POST" && { body }),
    },
  };
}

/** The URL of a GET request that bears its signature itself; whoever calls it has to send the same headers. */
export function presignUrl(
  {
    url,
    headers,
    expires,
  }: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Seconds. */
    readonly expires: number;
  },
  credentials: Credentials,
  scope: Scope,
): string {
  const { origin, host, pathname, searchParams } = new URL(url);
  const signed = { ...headers, Host: host };
  const parameters = {
    ...Object.fromEntries(searchParams),
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${credentials.accessKeyId}/${scopeOf(scope).join("/")}`,
    "X-Amz-Date": timeOf(scope),
    "X-Amz-Expires": String(expires),
    "X-Amz-SignedHeaders": namesOf(signed),
    ...(credentials.sessionToken && { "X-Amz-Security-Token": credentials.sessionToken.reveal() }),
  };
  const query = Object.entries(parameters)
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort()
    .join("&");
  const canonical = { method: "GET", pathname, query, headers: signed, body: "" };
  const { signature } = sign(canonical, credentials, scope);
  return `${origin}${pathname}?${query}&X-Amz-Signature=${signature}`;
}

interface Canonical {
  readonly method: string;
  readonly pathname: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function sign(
  { method, pathname, query, headers, body }: Canonical,
  { secretAccessKey }: Credentials,
  scope: Scope,
): { readonly names: string; readonly signature: string } {
  const signed = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  const names = namesOf(headers);
  const canonical = [
    method,
    pathname.split("/").map(encodeURIComponent).join("/"), // once more than it already is
    query,
    ...signed.map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const parts = scopeOf(scope);
  const text = ["AWS4-HMAC-SHA256", timeOf(scope), parts.join("/"), sha256(canonical)].join("\n");
  const key = parts.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey.reveal()}`);
  return { names, signature: hmac(key, text).toString("hex") };
}

function namesOf(headers: Readonly<Record<string, string>>): string {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .sort()
    .join(";");
}

function timeOf({ now }: Scope): string {
  return new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, "");
}

function scopeOf(scope: Scope): readonly string[] {
  return [timeOf(scope).slice(0, 8), scope.region, scope.service, "aws4_request"];
}

/** All but letters, digits and `-_.~`, as RFC 3986 reserves them. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
