import { createHash } from "node:crypto";
import type { Exec, ExecResult } from "../../../src/host/host.ts";
import { variableOf } from "../../../src/orb/define-command.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";

/**
 * An account of AWS and a Docker engine in memory, just enough to watch what a command asks of them and in which
 * order. Whatever it does not know throws. How the real ones behave is shown elsewhere.
 */
export interface World {
  readonly host: FakeHost;
  /** Every call and command: `ECR PutImage develop`, `docker push REGISTRY/api:0.1.7`. */
  readonly calls: readonly string[];
  /** Of the one repository, by tag: the digest. */
  readonly tags: Readonly<Record<string, string>>;
  /** What docker was called with, and the environment that was added to it. */
  readonly commands: readonly {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  }[];
  /** Bodies of the calls of AWS, in their order. */
  readonly bodies: readonly unknown[];
  /** Where ECR was called, and as whom: `URL KEY/REGION SESSION`. */
  readonly callers: readonly string[];
}

export interface WorldOptions {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Images by tag, as `image("name")`; null: there is no repository. */
  readonly tags?: Readonly<Record<string, FakeImage>> | null;
  readonly immutable?: readonly string[];
  readonly hasBuildx?: boolean;
  readonly client?: string;
  readonly built?: FakeImage;
  /** Of the commit, in seconds since 1970; without one, there is no git. */
  readonly commitTime?: number;
  /** What to answer instead, by the beginning of the call, one after the other; "through": as if there were none. */
  readonly instead?: Readonly<Record<string, readonly Instead[]>>;
  /** Of the login tokens, in milliseconds. */
  readonly lifetime?: number;
  readonly onCall?: (call: string, host: FakeHost) => void;
}

type Instead =
  | "through"
  | null
  | { readonly status: number; readonly body: unknown }
  /** `taken`: it had its effect all the same. */
  | { readonly exitCode: number; readonly output: string; readonly taken?: boolean };

interface Asked {
  readonly imageIds: readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
  readonly imageTag: string;
  readonly imageManifest: string;
  readonly imageDigest: string;
}

export interface FakeImage {
  readonly id: string;
  readonly manifest: string;
  readonly digest: string;
}

export const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export function image(name: string): FakeImage {
  const id = sha256(name);
  const manifest = JSON.stringify({ schemaVersion: 2, config: { digest: id }, layers: [] });
  return { id, manifest, digest: sha256(manifest) };
}

export const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const mediaType = "application/vnd.docker.distribution.manifest.v2+json";

const found = (tag: string, { digest, manifest }: FakeImage) => ({
  registryId: "123456789012",
  repositoryName: "api",
  imageId: { imageDigest: digest, imageTag: tag },
  imageManifest: manifest,
  imageManifestMediaType: mediaType,
});

/** An answer of BatchGetImage: what is behind some tags, null where that is nothing. */
export function answerImages(images: Readonly<Record<string, FakeImage | null>>) {
  const entries = Object.entries(images);
  const body = {
    images: entries.flatMap(([tag, each]) => (each === null ? [] : [found(tag, each)])),
    failures: entries.flatMap(([imageTag, each]) =>
      each === null ? [{ imageId: { imageTag }, failureCode: "ImageNotFound", failureReason: "no" }] : [],
    ),
  };
  return { status: 200, body };
}

const job = {
  CIRCLE_BUILD_NUM: "7",
  CIRCLE_BRANCH: "develop",
  CIRCLE_SHA1: "0123456789abcdef",
  CIRCLE_REPOSITORY_URL: "git@github.com:acme/api.git",
  CIRCLE_PROJECT_REPONAME: "api",
  CIRCLE_PIPELINE_ID: "pipeline-1",
  CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/api/7",
  BASH_ENV: "/bash-env",
  HOME: "/home/ci",
  AWS_REGION: "eu-central-1",
};

const keys = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "very-secret-access-key",
};

export function createWorld(
  defaults: Readonly<Record<string, { readonly default?: unknown }>>,
  options: WorldOptions = {},
): World {
  const calls: string[] = [];
  const bodies: unknown[] = [];
  const callers: string[] = [];
  const commands: { args: readonly string[]; env: Record<string, string> }[] = [];
  let repository = options.tags === null ? null : new Map(Object.entries(options.tags ?? {}));
  const immutable = new Set(options.immutable);
  const queues = new Map(
    Object.entries(options.instead ?? {}).map(([call, answers]) => [call, [...answers]]),
  );
  let tokens = 0;

  const note = (call: string): Instead | undefined => {
    calls.push(call);
    options.onCall?.(call, host);
    const [, queue] = [...queues].find(([start]) => call.startsWith(start)) ?? [];
    return queue?.shift();
  };

  const answer = (status: number, body: unknown) =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  const refuse = (type: string, message = "no") => answer(400, { __type: type, message });
  const operations: Record<string, (body: Asked) => Response> = {
    GetAuthorizationToken: () => {
      tokens++;
      const authorizationToken = Buffer.from(`AWS:password-${tokens}`).toString("base64");
      const expiresAt = (host.clock.now() + (options.lifetime ?? 12 * 3_600_000)) / 1000;
      return answer(200, {
        authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint: `https://${registry}` }],
      });
    },
    BatchGetImage: ({ imageIds }) => {
      if (repository === null) return refuse("com.amazonaws.ecr#RepositoryNotFoundException");
      const names = imageIds.map(({ imageTag, imageDigest }) => imageTag ?? imageDigest ?? "");
      const all = repository;
      const behind = (name: string) =>
        all.get(name) ?? [...all.values()].find(({ digest }) => digest === name);
      return answer(200, {
        images: names.flatMap((name) => {
          const each = behind(name);
          return each === undefined ? [] : [found(name.startsWith("sha256:") ? "" : name, each)];
        }),
        failures: names
          .filter((name) => behind(name) === undefined)
          .map((imageTag) => ({ imageId: { imageTag }, failureCode: "ImageNotFound", failureReason: "no" })),
      });
    },
    CreateRepository: () => {
      repository = new Map();
      return answer(200, { repository: {} });
    },
    PutImage: ({ imageTag, imageManifest, imageDigest }) => {
      const before = repository?.get(imageTag);
      if (before !== undefined && immutable.has(imageTag)) return refuse("ImageTagAlreadyExistsException");
      if (before?.digest === imageDigest) return refuse("ImageAlreadyExistsException");
      if (sha256(imageManifest) !== imageDigest) return refuse("ImageDigestDoesNotMatchException");
      const put = { id: "", digest: imageDigest, manifest: imageManifest };
      repository?.set(imageTag, put);
      return answer(200, { image: found(imageTag, put) });
    },
  };

  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    const target = headers.get("x-amz-target");
    if (target === null) {
      const parameters = new URLSearchParams(String(init.body));
      const instead = note(`STS ${parameters.get("Action")}`);
      bodies.push(Object.fromEntries(parameters));
      if (instead && instead !== "through" && "status" in instead)
        return answer(instead.status, instead.body);
      const credentials =
        "<AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>very-secret-session-key</SecretAccessKey><SessionToken>very-secret-session-token</SessionToken>";
      return answer(
        200,
        `<AssumeRoleWithWebIdentityResponse>${credentials}</AssumeRoleWithWebIdentityResponse>`,
      );
    }
    const [, key, region] =
      /Credential=([^/]+)\/\d{8}\/([^/]+)\//.exec(headers.get("authorization") ?? "") ?? [];
    callers.push(`${url} ${key}/${region} ${headers.get("x-amz-security-token") ?? "-"}`);
    const [model, operation = ""] = target.split(".");
    if (model !== "AmazonEC2ContainerRegistry_V20150921") throw new Error(`this is no ECR: ${target}`);
    const body = JSON.parse(String(init.body));
    bodies.push(body);
    const names = (body.imageIds ?? []).map(
      (each: { imageTag?: string; imageDigest?: string }) => each.imageTag ?? each.imageDigest,
    );
    const about = operation === "PutImage" ? [body.imageTag] : names;
    const instead = note(["ECR", operation, ...about].join(" "));
    if (instead && instead !== "through" && "status" in instead) return answer(instead.status, instead.body);
    const operate = operations[operation];
    if (operate === undefined) throw new Error(`no operation of ECR: ${operation}`);
    return operate(body);
  };

  const done = (output: string): ExecResult => ({ exitCode: 0, output, stdout: output });
  const exec: Exec = async ([program, ...args], { env, input, onLine }) => {
    if (program === "git") return options.commitTime ? done(`${options.commitTime}\n`) : null;
    if (program !== "docker") throw new Error(`this world has no ${program}`);
    const added = Object.entries(env).filter(([name, value]) => host.env[name] !== value);
    commands.push({ args, env: Object.fromEntries(added) as Record<string, string> });
    const short =
      args[0] === "build" || args[1] === "build" ? args.slice(0, args.indexOf("build") + 1) : args;
    const instead = note(["docker", ...short].join(" "));
    if (instead === null) return null;
    if (instead && instead !== "through" && "output" in instead) {
      if (instead.taken) repository?.set(args[1]?.split(":").at(-1) ?? "", options.built ?? image("new"));
      for (const line of instead.output.split("\n")) onLine?.(line);
      return { exitCode: instead.exitCode, output: instead.output, stdout: instead.output };
    }
    const built = options.built ?? image("new");
    switch (args[0]) {
      case "version":
        return done(
          JSON.stringify({ Client: { Version: options.client ?? "28.2.2" }, Server: { Version: "28" } }),
        );
      case "login":
        if (input !== `password-${tokens}`) return { exitCode: 1, output: "401 Unauthorized", stdout: "" };
        return done("Login Succeeded");
      case "buildx":
      case "build": {
        if (args[1] === "version") return { ...done(""), exitCode: options.hasBuildx === false ? 1 : 0 };
        const argumentOf = (option: string) => args[args.indexOf(option) + 1] ?? "";
        if (args.includes("--iidfile")) await host.files.write(argumentOf("--iidfile"), built.id);
        if (args.includes("--push")) {
          repository?.set(argumentOf("--tag").split(":").at(-1) ?? "", built);
          const metadata = JSON.stringify({ "containerimage.digest": built.digest });
          await host.files.write(argumentOf("--metadata-file"), metadata);
        }
        return done("built");
      }
      case "push": {
        const tag = args[1]?.split(":").at(-1) ?? "";
        if (repository?.has(tag) && immutable.has(tag)) {
          const output = `tag invalid: The image tag '${tag}' already exists in the 'api' repository and cannot be overwritten because the tag is immutable.`;
          return { exitCode: 1, output, stdout: "" };
        }
        repository?.set(tag, built);
        return done(`${tag}: digest: ${built.digest} size: 527`);
      }
      case "logout":
        return done("Removing login credentials");
      default:
        throw new Error(`this docker knows no ${args[0]}`);
    }
  };

  const preset = Object.entries(defaults).map(([name, parameter]) => [
    variableOf(name),
    String(parameter.default ?? ""),
  ]);
  const given = Object.entries(options.parameters ?? {}).map(([name, text]) => [variableOf(name), text]);
  const host: FakeHost = createFakeHost({
    env: { ...job, ...keys, ...options.env, ...Object.fromEntries([...preset, ...given]) },
    fetch,
    files: { "./Dockerfile": "FROM scratch", ...options.files },
    exec,
  });
  return {
    host,
    calls,
    bodies,
    callers,
    commands,
    get tags() {
      return Object.fromEntries([...(repository ?? [])].map(([tag, { digest }]) => [tag, digest]));
    },
  };
}
