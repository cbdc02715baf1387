import type { Moto } from "../moto.ts";
import { AwsError } from "./aws-error.ts";
import { Violation } from "./shapes.ts";
import type { Credentials } from "./signature.ts";

export interface StsAnswer {
  readonly status: number;
  readonly body: string;
}

/** The parameters of AssumeRoleWithWebIdentity, with what the reference says of them. */
const parameters: Readonly<Record<string, RegExp>> = {
  Action: /^AssumeRoleWithWebIdentity$/,
  Version: /^2011-06-15$/,
  RoleArn: /^arn:[\w-]+:iam::\d{12}:role\/.{1,128}$/,
  RoleSessionName: /^[\w+=,.@-]{2,64}$/,
  WebIdentityToken: /^[\s\S]{4,20000}$/,
  DurationSeconds: /^\d{3,5}$/,
};
const required = ["Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken"];

/** Checks what moto lets pass, lets moto answer, and hands on the credentials that it gave. */
export async function assumeRole(
  form: string,
  parts: {
    readonly moto: Moto;
    readonly isTrusted: (role: string, claims: Readonly<Record<string, unknown>>) => boolean;
    readonly learn: (credentials: Credentials) => void;
  },
): Promise<StsAnswer> {
  const values = new URLSearchParams(form);
  for (const [name, value] of values) {
    const pattern = parameters[name];
    if (pattern === undefined) throw new Violation("InvalidAction", `Unknown parameter ${name}`);
    if (!pattern.test(value)) {
      throw new AwsError("ValidationError", `Value '${value}' at '${name}' failed to satisfy constraint`);
    }
  }
  const missing = required.find((name) => !values.has(name));
  if (missing !== undefined) throw new Violation("MissingParameter", `${missing} is missing`);
  const [, claims = "", signature, more] = (values.get("WebIdentityToken") ?? "").split(".");
  if (signature === undefined || more !== undefined) {
    throw new AwsError("InvalidIdentityToken", "The ID Token provided is not a valid JWT.");
  }
  if (!parts.isTrusted(values.get("RoleArn") ?? "", readClaims(claims))) {
    throw new AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
  }
  const response = await fetch(`${parts.moto.url}/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      host: "sts.amazonaws.com",
      // By its scope moto knows which service is meant; it verifies nothing.
      authorization:
        "AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=0",
    },
    body: form,
  });
  const body = await response.text();
  const read = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(body)?.[1] ?? "";
  if (response.ok) {
    parts.learn({
      accessKeyId: read("AccessKeyId"),
      secretAccessKey: read("SecretAccessKey"),
      sessionToken: read("SessionToken"),
    });
  }
  return { status: response.status, body };
}

/** None where a test's token only has the form of one. */
function readClaims(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return {};
  }
}

/** Errors of the query protocol are XML. */
export function writeStsError({ code, message, status }: AwsError): StsAnswer {
  const fault = status < 500 ? "Sender" : "Receiver";
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>${fault}</Type><Code>${code}</Code><Message>${message}</Message></Error>
  <RequestId>00000000-0000-0000-0000-000000000000</RequestId>
</ErrorResponse>`;
  return { status, body };
}
