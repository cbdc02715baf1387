import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { AwsError } from "./aws-error.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Null for the keys of a user, which are valid without one. */
  readonly sessionToken: string | null;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Scope {
  readonly region: string;
  readonly service: string;
  readonly now: number;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/, ]+)\/(\d{8})\/([^/, ]+)\/([^/, ]+)\/aws4_request, ?SignedHeaders=([^, ]+), ?Signature=([0-9a-f]{64})$/;
const toleratedSkew = 5 * 60_000;

/**
 * Signature version 4, written from AWS's own description. Answers whose request it is; throws the error of a JSON
 * service where the signature does not stand.
 */
export function verifySignature(
  request: SignedRequest,
  known: ReadonlyMap<string, Credentials>,
  { region, service, now }: Scope,
): Credentials {
  const { headers, method, target, body } = request;
  if (headers.authorization === undefined) {
    throw new AwsError("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  const [, accessKeyId = "", date = "", keyRegion, keyService, names = "", signature = ""] =
    form.exec(headers.authorization) ?? [];
  if (signature === "") {
    throw new AwsError(
      "IncompleteSignatureException",
      `Authorization header has no valid form: ${headers.authorization}`,
    );
  }
  const refuse = (why: string) => new AwsError("InvalidSignatureException", why);
  const owner = known.get(accessKeyId);
  if (owner === undefined || owner.sessionToken !== (headers["x-amz-security-token"] ?? null)) {
    throw new AwsError(
      "UnrecognizedClientException",
      "The security token included in the request is invalid.",
    );
  }
  if (keyRegion !== region)
    throw refuse(`Credential should be scoped to a valid region, not '${keyRegion}'.`);
  if (keyService !== service) throw refuse(`Credential should be scoped to correct service: '${service}'.`);

  const time = headers["x-amz-date"] ?? "";
  const age = Math.abs(now - readTime(time));
  if (!(age <= toleratedSkew)) throw refuse(`Signature expired: ${time}`);
  if (!time.startsWith(date)) throw refuse("Date in Credential scope does not match YYYYMMDD from ISO-8601.");

  const signed = names.split(";");
  const mustBeSigned = Object.keys(headers).filter(
    (name) => name === "host" || name === "content-type" || name.startsWith("x-amz-"),
  );
  const forgotten = mustBeSigned.filter((name) => !signed.includes(name));
  if (forgotten.length > 0 || [...signed].sort().join(";") !== names) {
    throw refuse(`SignedHeaders is ${names}, which lacks ${forgotten.join(", ") || "the right order"}.`);
  }
  const [path = "", query = ""] = target.split("?", 2);
  const canonical = [
    method,
    path.split("/").map(encode).join("/"), // once more than it already is, as for all services but S3
    query.split("&").filter(Boolean).sort().join("&"),
    ...signed.map((name) => `${name}:${(headers[name] ?? "").trim().replaceAll(/ +/g, " ")}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(
    (parent, part) => hmac(parent, part),
    `AWS4${owner.secretAccessKey}`,
  );
  if (!timingSafeEqual(hmac(key, text), Buffer.from(signature, "hex"))) {
    throw refuse(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
  return owner;
}

/** `20260101T000000Z` in milliseconds; NaN where it is none. */
function readTime(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return Number.NaN;
  const [, year, month, day, hours, minutes, seconds] = parts;
  return Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
