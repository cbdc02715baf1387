import { UserError } from "../errors.ts";
import type { Environment, Host } from "../host/host.ts";
import { NoAnswer, type Outcome, sendPatiently } from "../host/request.ts";
import { Secret } from "../secret.ts";
import {
  describeFault,
  type Fault,
  isRefusal,
  readElement,
  readXmlFault,
  transientProblem,
} from "./fault.ts";
import { endpointOf, endpointVariable } from "./region.ts";
import type { Credentials } from "./sign.ts";
import { explainSilence } from "./silence.ts";

export interface WebIdentity {
  readonly roleArn: string;
  readonly token: Secret;
  /** What the token comes from: an environment variable, or the job's own program. */
  readonly source: string;
}

/** While AWS fetches an issuer's new keys, it takes good tokens for bad ones. */
const fleeting = ["InvalidIdentityToken", "IDPCommunicationError"];

/** Credentials of a role for an hour, for an OpenID Connect token. Throws `aws.unauthorized` or `aws.failed`. */
export async function assumeRole(host: Host, region: string, identity: WebIdentity): Promise<Credentials> {
  const url = endpointOf("sts", region, host.env);
  const fields = assumeRoleFields(identity.roleArn, identity.token.reveal(), host.env);
  const body = new URLSearchParams(fields).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" };
  const reply = await sendPatiently(host, {
    name: "STS AssumeRoleWithWebIdentity",
    prepare: async () => ({ url, init: { method: "POST", headers, body } }),
    problemOf: describeProblem,
    tries: 5,
  }).catch((error: unknown) => {
    throw explainSilence(error, "STS AssumeRoleWithWebIdentity", url, endpointVariable("sts", host.env));
  });
  if (reply.status !== 200) throw explainRefusal(readXmlFault(reply), identity);
  const [accessKeyId, secretAccessKey, sessionToken] = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(
    (name) => readElement(reply.text, name),
  );
  if (!accessKeyId || !secretAccessKey || !sessionToken) {
    throw new UserError("aws.failed", "STS AssumeRoleWithWebIdentity was answered without credentials.", {
      hints: [`Check what ${url} really is.`],
    });
  }
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: new Secret(sessionToken),
  };
}

export function assumeRoleFields(
  roleArn: string,
  token: string,
  env: Environment,
): Readonly<Record<string, string>> {
  return {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: sessionName(env),
    WebIdentityToken: token,
  };
}

function describeProblem(outcome: Outcome): string | null {
  if (outcome instanceof NoAnswer) return `got no answer (${outcome.message})`;
  if (outcome.status === 200) return null;
  const fault = readXmlFault(outcome);
  return fleeting.includes(fault.code) ? `was refused (${fault.code})` : transientProblem(fault);
}

/** What CloudTrail shows of this job; AWS takes 64 of these characters. */
export function sessionName(env: Environment): string {
  const name = `circleback-${env.CIRCLE_PROJECT_REPONAME ?? ""}-${env.CIRCLE_BUILD_NUM ?? ""}`;
  return name
    .replace(/[^\w+=,.@-]/g, "-")
    .replace(/-+$/, "")
    .slice(0, 64);
}

function explainRefusal(fault: Fault, { roleArn, token, source }: WebIdentity): UserError {
  const said = `STS answered ${describeFault(fault)}`;
  if (fault.code === "ExpiredTokenException") {
    return new UserError("aws.unauthorized", `The token of ${source} has expired (${said}).`, {
      hints: [
        "CircleCI's tokens live for an hour: split the job, or put the long work into a job before it.",
      ],
    });
  }
  if (!isRefusal(fault)) return new UserError("aws.failed", `${roleArn} cannot be assumed: ${said}.`);
  return new UserError("aws.unauthorized", `${roleArn} may not be assumed with ${source}: ${said}.`, {
    hints: [
      `The role's trust policy must allow sts:AssumeRoleWithWebIdentity for ${describeToken(token)}.`,
      "In the role's account, IAM must know that issuer as an identity provider with that audience.",
    ],
  });
}

/** Who the token says that this job is: claims are no secret, unlike the signature behind them. */
function describeToken(token: Secret): string {
  try {
    const claims = JSON.parse(Buffer.from(token.reveal().split(".")[1] ?? "", "base64url").toString());
    return `issuer ${claims.iss}, audience ${claims.aud}, subject ${claims.sub}`;
  } catch {
    return "the token's issuer, audience and subject (it is no OpenID Connect token, though)";
  }
}
