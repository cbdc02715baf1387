import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { NamedSecret } from "../orb/parameter.ts";
import { mintToken, tokenVariable } from "./mint-token.ts";
import type { Credentials } from "./sign.ts";
import { assumeRole } from "./web-identity.ts";

export interface CredentialSources {
  readonly region: string;
  /** Empty: none to assume. */
  readonly roleArn: string;
  readonly oidcToken: NamedSecret;
  readonly accessKeyId: NamedSecret;
  readonly secretAccessKey: NamedSecret;
  readonly sessionToken: NamedSecret;
}

export interface CredentialStore {
  get(): Promise<Credentials>;
  /** Whether there are new ones to be had, once the service has said that these have expired. */
  canRenew(): boolean;
  drop(): void;
}

/**
 * Credentials of the role where one is named, else those in the variables. Asked for when they are first needed,
 * and hidden from the log from then on.
 */
export function openCredentials(host: Host, sources: CredentialSources): CredentialStore {
  let known: Promise<Credentials> | null = null;
  let renewals = 0;
  return {
    get() {
      known ??= obtain(host, sources, renewals > 0);
      return known;
    },
    canRenew: () => sources.roleArn !== "" && renewals === 0,
    drop() {
      renewals++;
      known = null;
    },
  };
}

async function obtain(host: Host, sources: CredentialSources, isRenewal: boolean): Promise<Credentials> {
  const credentials =
    sources.roleArn === "" ? readKeys(sources) : await exchangeToken(host, sources, isRenewal);
  host.log.hide(credentials.secretAccessKey);
  if (credentials.sessionToken !== null) host.log.hide(credentials.sessionToken);
  return credentials;
}

async function exchangeToken(
  host: Host,
  { region, roleArn, oidcToken }: CredentialSources,
  isRenewal: boolean,
): Promise<Credentials> {
  const { variable } = oidcToken;
  const canMint = variable === tokenVariable;
  // The job's own token lives for an hour: it ends no later than the session that it has opened.
  const isWanted = canMint && (isRenewal || oidcToken.value === null);
  const minted = isWanted ? await mintToken(host) : null;
  const token = minted ?? oidcToken.value;
  if (token === null) {
    const also = canMint ? ", and `circleci run oidc get` gave none" : "";
    throw new UserError(
      "aws.unauthorized",
      `There is no token in ${variable} to assume ${roleArn} with${also}.`,
      {
        hints: [
          `CircleCI sets ${tokenVariable} in its jobs, but not in those of forked pull requests: filter this job out there.`,
        ],
      },
    );
  }
  host.log.hide(token);
  const source = minted === null ? variable : "`circleci run oidc get`";
  const credentials = await assumeRole(host, region, { roleArn, token, source });
  host.log.info(`Assumed ${roleArn}.`);
  return credentials;
}

function readKeys({ accessKeyId, secretAccessKey, sessionToken }: CredentialSources): Credentials {
  const odd = [accessKeyId, secretAccessKey, sessionToken].find(
    ({ value }) => value !== null && !/^[!-~]+$/.test(value.reveal()),
  );
  if (odd !== undefined) {
    throw new UserError(
      "aws.unauthorized",
      `${odd.variable} has a character in it that no credential of AWS has: a blank, a line break, or one that cannot be seen.`,
      { hints: [`Copy it into ${odd.variable} once more.`] },
    );
  }
  if (accessKeyId.value !== null && secretAccessKey.value !== null) {
    return {
      accessKeyId: accessKeyId.value.reveal(),
      secretAccessKey: secretAccessKey.value,
      sessionToken: sessionToken.value,
    };
  }
  const missing = [accessKeyId, secretAccessKey].filter(({ value }) => value === null);
  const names = missing.map(({ variable }) => variable).join(" and ");
  throw new UserError(
    "aws.unauthorized",
    `There are no credentials for AWS: \`role-arn\` is empty, and ${names} ${missing.length > 1 ? "are" : "is"} not set.`,
    {
      hints: [
        "Best give `role-arn`: a role that trusts this project's OpenID Connect token, so that no key has to be kept.",
        `Or put ${accessKeyId.variable} and ${secretAccessKey.variable} into a context that this job lists under \`context:\`.`,
      ],
    },
  );
}
