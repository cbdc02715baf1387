import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { Secret } from "../secret.ts";
import { createAwsCall } from "./call.ts";
import type { CredentialStore } from "./credentials.ts";
import { registryHost } from "./region.ts";

export interface Authorization {
  readonly password: Secret;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** The host of the caller's own registry. */
  readonly host: string;
}

const form = /^AWS:(.+)$/s;
const decode = (token: string) => Buffer.from(token, "base64").toString();
const text = (isRight: (value: string) => boolean) => v.pipe(v.string(), v.check(isRight));

const Login = v.object({
  // A list of one.
  authorizationData: v.object({
    0: v.object({
      authorizationToken: text((token) => form.test(decode(token))),
      expiresAt: v.number(),
      proxyEndpoint: text((url) => /^https?:\/\/[^/\s]+$/.test(url)),
    }),
  }),
});

export const ecrService = {
  service: "ecr",
  target: "AmazonEC2ContainerRegistry_V20150921",
} as const;

/** Gets what Docker logs in with, and hides it in the log from then on. */
export async function authorize(
  host: Host,
  region: string,
  credentials: CredentialStore,
): Promise<Authorization> {
  const call = createAwsCall(host, { ...ecrService, region }, credentials);
  const answer = await call("GetAuthorizationToken", {}, Login);
  const { authorizationToken, expiresAt, proxyEndpoint } = answer.authorizationData[0];
  const [, password = ""] = form.exec(decode(authorizationToken)) ?? [];
  const secrets = [new Secret(password), new Secret(authorizationToken)] as const;
  for (const secret of secrets) host.log.hide(secret);
  return {
    password: secrets[0],
    expiresAt: expiresAt * 1000,
    host: proxyEndpoint
      .replace(/^https?:\/\//, "")
      .replace(/^(\d{12})\.dkr\.ecr\..*/, (_, account) => registryHost(account, region, host.env)),
  };
}
