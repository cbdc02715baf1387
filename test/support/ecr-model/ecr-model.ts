import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Moto } from "../moto.ts";
import type { Registry } from "../registry.ts";
import { createAccess } from "./access.ts";
import { actions, type World } from "./actions.ts";
import { AwsError } from "./aws-error.ts";
import { createFaults, type Fault } from "./faults.ts";
import { connectManifests, type Manifests } from "./manifests.ts";
import { allowEverywhere, type Policy, type TrustPolicy, trusts } from "./policy.ts";
import { createRegistrySide } from "./registry-side.ts";
import type { Repository } from "./repositories.ts";
import { checkShape, type EcrAction, requestShapes, Violation } from "./shapes.ts";
import { type Credentials, verifySignature } from "./signature.ts";
import { assumeRole, writeStsError } from "./sts-side.ts";
import { createTokens } from "./tokens.ts";

const targetPrefix = "AmazonEC2ContainerRegistry_V20150921.";

export interface EcrModelOptions {
  readonly registry: Registry;
  /** Answers for STS; without it nobody can assume a role. */
  readonly moto?: Moto | null;
  /** The keys of a user who is known from the start. */
  readonly credentials?: Credentials;
  readonly repositories?: Readonly<Record<string, Partial<Omit<Repository, "name">>>>;
  /** What the caller may do: a policy, or the actions that it allows everywhere; all where it is left out. */
  readonly allowed?: Policy | readonly string[];
  /** Roles that trust the caller's identity provider; all where it is left out. */
  readonly trustedRoles?: readonly string[];
  /** Whom the roles trust, by what a token says; anybody where it is left out. */
  readonly trust?: TrustPolicy;
  /** Of a password for the registry, in milliseconds. */
  readonly tokenLifetime?: number;
}

export interface EcrModel {
  /** For `AWS_ENDPOINT_URL`: ECR and STS. */
  readonly url: string;
  /** Host and port for `docker`. */
  readonly registryAddress: string;
  readonly region: string;
  readonly accountId: string;
  /** `PutImage 200`, `PutImage 400 ImageAlreadyExistsException`, in the order of their answers. */
  readonly calls: readonly string[];
  /** `PUT /v2/app/manifests/1.0 201`. */
  readonly registryCalls: readonly string[];
  /** Every permission that was needed so far, sorted. */
  readonly permissions: readonly string[];
  /** Every password for the registry that was given away, each to be kept secret. */
  readonly issuedPasswords: readonly string[];
  readonly repositories: ReadonlyMap<string, Repository>;
  readonly manifests: Manifests;
  /** All tags of a repository with the digests they stand for. */
  tags(repository: string): Promise<Readonly<Record<string, string>>>;
  fail(fault: Fault): void;
  expireTokens(): void;
  /** Those of users and roles alike. */
  expireCredentials(): void;
  setFindings(digest: string, counts: Readonly<Record<string, number>>): void;
  /** Throws where a caller broke the rules of the API, or a planned fault did not come to pass. */
  stop(): Promise<void>;
}

export const userCredentials: Credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  sessionToken: null,
};

/** ECR as its reference describes it, in front of a real registry (see FIDELITY.md). */
export async function startEcrModel(options: EcrModelOptions): Promise<EcrModel> {
  const { registry, moto = null } = options;
  const [accountId, region] = ["123456789012", "eu-west-1"];
  const now = Date.now;
  const owner = options.credentials ?? userCredentials;
  const credentials = new Map([[owner.accessKeyId, owner]]);
  const expired = new Set<string>();
  const calls: string[] = [];
  const registryCalls: string[] = [];
  const violations: string[] = [];
  const findings = new Map<string, Readonly<Record<string, number>>>();
  const tokens = createTokens(now, options.tokenLifetime ?? 12 * 3_600_000);
  const { allowed = null, trust = null } = options;
  const policy = isList(allowed) ? allowEverywhere(allowed) : allowed;
  const access = createAccess(policy, { accountId, region });
  const faults = createFaults();
  const manifests = connectManifests(registry);
  const repositories = new Map(
    Object.entries(options.repositories ?? {}).map(([name, settings]) => [
      name,
      createRepository(name, settings),
    ]),
  );
  let writing: Promise<unknown> = Promise.resolve();
  const world: World = {
    accountId,
    region,
    get registryAddress() {
      return addressOf(registrySide);
    },
    repositories,
    manifests,
    tokens,
    findings,
    now,
    exclusively(write) {
      const done = writing.then(write);
      writing = done.catch(() => {});
      return done;
    },
  };

  async function callEcr(request: IncomingMessage, body: string): Promise<string> {
    const action = String(request.headers["x-amz-target"]).replace(targetPrefix, "");
    if (!isKnown(action)) throw new Violation("UnknownOperationException", `Unknown action ${action}`);
    if (request.headers["content-type"] !== "application/x-amz-json-1.1") {
      throw new Violation("UnknownOperationException", `Content-Type ${request.headers["content-type"]}`);
    }
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const { method = "", url = "" } = request;
    const signer = verifySignature({ method, target: url, headers, body }, credentials, {
      region,
      service: "ecr",
      now: now(),
    });
    if (expired.has(signer.accessKeyId)) {
      throw new AwsError("ExpiredTokenException", "The security token included in the request is expired");
    }
    const input: unknown = JSON.parse(body);
    checkShape(input, requestShapes[action], "");
    const { repositoryName } = input as { readonly repositoryName?: string };
    access.check(`ecr:${action}`, repositoryName);
    return JSON.stringify(await actions[action](world, input));
  }

  async function answerEcr(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const action = String(request.headers["x-amz-target"]).replace(targetPrefix, "");
    const fault = faults.takeForAction(action);
    const write = (status: number, answer: string) => {
      response.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      response.end(answer);
    };
    const writeError = ({ code, message, status }: AwsError) => {
      calls.push(`${action} ${status} ${code}`);
      write(status, JSON.stringify({ __type: code, message }));
    };
    try {
      if (fault === null || fault.after === "accepted") {
        const answer = await callEcr(request, body);
        if (fault === null) {
          calls.push(`${action} 200`);
          return write(200, answer);
        }
      }
      if (fault.code === undefined) {
        calls.push(`${action} cut`);
        response.destroy();
        return;
      }
      writeError(new AwsError(fault.code, "This was planned.", fault.status));
    } catch (error) {
      if (error instanceof Violation) violations.push(error.message);
      if (error instanceof AwsError) writeError(error);
      else throw error;
    }
  }

  async function answerSts(response: ServerResponse, body: string): Promise<void> {
    const action = new URLSearchParams(body).get("Action") ?? "";
    const write = (answer: { readonly status: number; readonly body: string }, code = "") => {
      calls.push(`${action} ${answer.status}${code === "" ? "" : ` ${code}`}`);
      response.writeHead(answer.status, { "content-type": "text/xml" });
      response.end(answer.body);
    };
    const fault = faults.takeForAction(action);
    try {
      if (fault !== null)
        throw new AwsError(fault.code ?? "InternalFailure", "This was planned.", fault.status);
      if (moto === null) throw new Violation("InvalidAction", `${action}: there is no STS here`);
      write(
        await assumeRole(body, {
          moto,
          isTrusted: (role, claims) =>
            options.trustedRoles?.includes(role) !== false &&
            (trust === null || trusts(trust, accountId, claims)),
          learn: (learned) => credentials.set(learned.accessKeyId, learned),
        }),
      );
    } catch (error) {
      if (error instanceof Violation) violations.push(error.message);
      if (error instanceof AwsError) write(writeStsError(error), error.code);
      else throw error;
    }
  }

  const api = createServer((request, response) => {
    const answer = async () => {
      const body = await text(request);
      if (request.method !== "POST") throw new Violation("UnknownOperationException", `${request.method}`);
      if (request.headers["x-amz-target"] === undefined) return answerSts(response, body);
      return answerEcr(request, response, body);
    };
    answer().catch((error: Error) => {
      violations.push(`${request.method} ${request.url}: ${error.message}`);
      response.destroy();
    });
  });
  const registrySide = createRegistrySide({
    registry,
    world: () => world,
    access,
    faults,
    log: (line) => registryCalls.push(line),
  });
  await Promise.all([listen(api), listen(registrySide)]);
  return {
    url: `http://${addressOf(api)}`,
    registryAddress: addressOf(registrySide),
    region,
    accountId,
    calls,
    registryCalls,
    get permissions() {
      return access.used;
    },
    get issuedPasswords() {
      return tokens.issued;
    },
    repositories,
    manifests,
    async tags(repository) {
      const pairs = (await manifests.tags(repository)).map(
        async (tag) => [tag, (await manifests.read(repository, tag))?.digest ?? ""] as const,
      );
      return Object.fromEntries(await Promise.all(pairs));
    },
    fail: faults.add,
    expireTokens: tokens.expire,
    expireCredentials() {
      for (const id of credentials.keys()) expired.add(id);
    },
    setFindings: (digest, counts) => findings.set(digest, counts),
    async stop() {
      await Promise.all([close(api), close(registrySide)]);
      const complaints = [...violations, ...faults.unused()];
      if (complaints.length > 0) throw new Error(`The model of ECR complains:\n${complaints.join("\n")}`);
    },
  };
}

function isList(allowed: Policy | readonly string[] | null): allowed is readonly string[] {
  return Array.isArray(allowed);
}

function isKnown(action: string): action is EcrAction {
  return action in requestShapes;
}

function createRepository(name: string, settings: Partial<Omit<Repository, "name">>): Repository {
  return {
    createdAt: Date.parse("2026-01-01T00:00:00Z"),
    imageTagMutability: "MUTABLE",
    imageTagMutabilityExclusionFilters: [],
    scanOnPush: false,
    encryptionType: "AES256",
    ...settings,
    name,
  };
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
}

function addressOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
