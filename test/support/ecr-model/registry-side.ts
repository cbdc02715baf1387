import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Registry } from "../registry.ts";
import type { Access } from "./access.ts";
import { immutableTag, unknownRepository, type World } from "./actions.ts";
import { AwsError } from "./aws-error.ts";
import type { Faults } from "./faults.ts";
import { isImmutable } from "./repositories.ts";

/**
 * The side that `docker` sees: ECR's own rules about tokens, repositories, permissions and immutable tags, and behind
 * them the real registry, which does all the rest.
 */
export function createRegistrySide(parts: {
  readonly registry: Registry;
  readonly world: () => World;
  readonly access: Access;
  readonly faults: Faults;
  readonly log: (line: string) => void;
}) {
  const { registry, access, faults, log } = parts;
  const authorization = `Basic ${Buffer.from(`${registry.user}:${registry.password}`).toString("base64")}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const world = parts.world();
    const { method = "", url = "" } = request;
    const line = `${method} ${url.split("?")[0]}`;
    const refuse = async (status: number, code: string, message: string, headers = {}) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify({ errors: [{ code, message }] }));
      log(`${line} ${status}`);
    };

    const [user, password = ""] = readBasic(request.headers.authorization);
    if (user === null) {
      const challenge = `Basic realm="https://${world.registryAddress}/",service="ecr.amazonaws.com"`;
      return refuse(401, "UNAUTHORIZED", "Not Authorized", { "www-authenticate": challenge });
    }
    const verdict = user === "AWS" ? world.tokens.judge(password) : "unknown";
    if (verdict === "unknown") return refuse(400, "DENIED", "Your Authorization Token is invalid.");
    if (verdict === "expired") {
      return refuse(403, "DENIED", "Your authorization token has expired. Reauthenticate and try again.");
    }

    const target = readTarget(method, url);
    if (target !== null) {
      const { repository: name, action, tag } = target;
      const repository = world.repositories.get(name);
      if (repository === undefined) {
        return refuse(404, "NAME_UNKNOWN", unknownRepository(name, world.accountId));
      }
      try {
        access.check(action, name);
      } catch (error) {
        if (error instanceof AwsError) return refuse(403, "DENIED", error.message);
        throw error;
      }
      const fault = faults.takeForRequest(line);
      if (fault !== null) return refuse(fault.status, "UNKNOWN", "Internal Server Error");
      if (method === "PUT" && tag !== null) {
        const body = await buffer(request);
        return world.exclusively(async () => {
          if (isImmutable(repository, tag) && (await world.manifests.read(name, tag)) !== null) {
            return refuse(400, "TAG_INVALID", immutableTag(tag, name));
          }
          return pass(request, response, line, body);
        });
      }
    }
    return pass(request, response, line, null);
  }

  function pass(
    request: IncomingMessage,
    response: ServerResponse,
    line: string,
    body: Buffer | null,
  ): Promise<void> {
    const [host, port] = registry.address.split(":");
    return new Promise((resolve, reject) => {
      const outgoing = forward(
        {
          host,
          port,
          method: request.method,
          path: request.url,
          headers: { ...request.headers, authorization },
        },
        (incoming) => {
          log(`${line} ${incoming.statusCode}`);
          response.writeHead(incoming.statusCode ?? 502, incoming.headers);
          incoming.pipe(response);
          incoming.on("end", resolve);
        },
      );
      outgoing.on("error", reject);
      if (body === null) request.pipe(outgoing);
      else outgoing.end(body);
    });
  }

  return createServer((request, response) => {
    answer(request, response).catch((error: Error) => {
      log(`${request.method} ${request.url} broken: ${error.message}`);
      response.destroy();
    });
  });
}

function readBasic(header: string | undefined): readonly [string | null, string?] {
  const encoded = /^Basic (\S+)$/.exec(header ?? "")?.[1];
  if (encoded === undefined) return [null];
  const text = Buffer.from(encoded, "base64").toString();
  const colon = text.indexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1)];
}

interface Target {
  readonly repository: string;
  /** The permission that the request needs. */
  readonly action: string;
  /** Of a manifest that is named by its tag. */
  readonly tag: string | null;
}

/** Null for the greeting, `/v2/`. */
function readTarget(method: string, url: string): Target | null {
  const path = decodeURIComponent(url.split("?")[0] ?? "");
  const [, repository, kind, rest = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/(.*)$/.exec(path) ?? [];
  if (repository === undefined) return null;
  if (kind === "manifests") {
    const tag = rest.startsWith("sha256:") ? null : rest;
    return { repository, tag, action: method === "PUT" ? "ecr:PutImage" : "ecr:BatchGetImage" };
  }
  if (rest.startsWith("uploads/")) {
    const name = repository;
    const action =
      { POST: "ecr:InitiateLayerUpload", PUT: "ecr:CompleteLayerUpload" }[method] ?? "ecr:UploadLayerPart";
    return { repository: name, tag: null, action };
  }
  const action = method === "HEAD" ? "ecr:BatchCheckLayerAvailability" : "ecr:GetDownloadUrlForLayer";
  return { repository, tag: null, action };
}
