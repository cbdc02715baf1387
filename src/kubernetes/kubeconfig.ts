import { resolve } from "node:path";
import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { parseSafeUrl } from "../orb/origin.ts";
import { Secret } from "../secret.ts";
import type { Access } from "./access.ts";
import { readYaml, UnreadYaml } from "./read-yaml.ts";

/** Absent, or written without a value. */
const text = v.nullish(v.string(), "");

const Kubeconfig = v.object({
  "current-context": text,
  clusters: v.array(v.object({ name: v.string(), cluster: v.record(v.string(), v.unknown()) })),
  users: v.array(v.object({ name: v.string(), user: v.nullish(v.record(v.string(), v.unknown()), {}) })),
  contexts: v.array(
    v.object({
      name: v.string(),
      context: v.object({ cluster: v.string(), user: v.string(), namespace: text }),
    }),
  ),
});

const Cluster = v.object({
  server: v.string(),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "tls-server-name": text,
});

const User = v.object({
  token: text,
  tokenFile: text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
});

/** Why these are not taken; every other key that is unknown is passed over, as kubectl does. */
const refused: Readonly<Record<string, string>> = {
  exec: "has an exec plug-in, which would start a program of its own",
  "auth-provider": "has an auth-provider, which no kubectl knows any more",
  username: "has a user name and password, which no API server takes any more",
  as: "acts as somebody else (`as`)",
  "as-uid": "acts as somebody else (`as-uid`)",
  "as-groups": "acts as somebody else (`as-groups`)",
  "as-user-extra": "acts as somebody else (`as-user-extra`)",
  "insecure-skip-tls-verify": "does not look who the server is (insecure-skip-tls-verify)",
  "proxy-url": "goes through a proxy of its own (proxy-url)",
};

export interface KubeconfigSource {
  readonly text: string;
  /** For messages: a path, or the name of a variable. */
  readonly name: string;
  /** What its paths are relative to. */
  readonly folder: string;
}

/** The cluster and the user of the current context. Throws `kubeconfig.invalid`. */
export async function readKubeconfig(host: Host, source: KubeconfigSource): Promise<Access> {
  const config = decode(Kubeconfig, parse(source), source);
  const context = find(config.contexts, config["current-context"], "context", source).context;
  const cluster = find(config.clusters, context.cluster, "cluster", source).cluster;
  const user = find(config.users, context.user, "user", source).user;
  for (const [key, reason] of Object.entries(refused)) {
    const value = cluster[key] ?? user[key];
    if (value === undefined || value === null || value === "" || value === "false") continue;
    throw invalid(source, reason, refusalHints(key));
  }
  const { server, ...clusterParts } = decode(Cluster, cluster, source);
  if (/[@?#]/.test(server)) {
    throw invalid(source, "has a user name or password in the server's address, or a query", []);
  }
  if (parseSafeUrl(server)?.protocol !== "https:") {
    throw invalid(source, `names a server that is no https address: "${server}"`, []);
  }
  const parts = { ...clusterParts, ...decode(User, user, source) };
  const pick = (key: keyof typeof parts & `${string}-data`) => pickPem(host, source, parts, key);
  // As kubectl has it, what is in the file counts more.
  const token = (
    (parts.tokenFile && (await readBeside(host, source, parts.tokenFile))) ||
    parts.token ||
    ""
  ).trim();
  if (/[^!-~]/.test(token)) throw invalid(source, `has a token for ${context.user} that is none`, []);
  const key = await pick("client-key-data");
  const secrets = { token: token ? new Secret(token) : null, key: key === null ? null : new Secret(key) };
  const encoded = new Secret(parts["client-key-data"] ?? "");
  for (const secret of [secrets.token, secrets.key, encoded]) if (secret !== null) host.log.hide(secret);
  const certificate = await pick("client-certificate-data");
  if (secrets.token === null && (certificate === null || key === null)) {
    throw invalid(source, `has neither a token nor a client certificate with its key for ${context.user}`, [
      "Make a token for a service account: kubectl create token <name> --duration 24h.",
    ]);
  }
  return {
    server: server.replace(/\/+$/, ""),
    title: `the cluster ${context.cluster}`,
    namespace: context.namespace || null,
    trust: {
      authority: await pick("certificate-authority-data"),
      serverName: parts["tls-server-name"] || null,
      certificate,
      key: secrets.key,
    },
    bearer: async () => secrets.token,
    unauthorizedHint: `The token or certificate of ${context.user} in ${source.name} may have expired, or be of another cluster.`,
  };
}

function parse(source: KubeconfigSource): unknown {
  try {
    return readYaml(source.text);
  } catch (error) {
    if (!(error instanceof UnreadYaml)) throw error;
    throw invalid(source, `cannot be read: ${error.message}`, [
      "Write it as JSON: kubectl config view --raw --minify --flatten --output json.",
    ]);
  }
}

/** Never with the value that is wrong: it may be a secret. */
function decode<S extends v.GenericSchema>(schema: S, value: unknown, source: KubeconfigSource) {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const place = v.getDotPath(result.issues[0]) ?? "all of it";
  throw invalid(source, `is no kubeconfig (${place})`, []);
}

function find<T extends { readonly name: string }>(
  list: readonly T[],
  name: string,
  what: string,
  source: KubeconfigSource,
): T {
  const found = list.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw invalid(source, name === "" ? "has no current-context" : `has no ${what} "${name}"`, [
    "Set the current context: kubectl config use-context <name>.",
  ]);
}

async function pickPem(
  host: Host,
  source: KubeconfigSource,
  parts: Readonly<Record<string, string | null | undefined>>,
  key: string,
): Promise<string | null> {
  const data = parts[key];
  const path = parts[key.replace(/-data$/, "")];
  if (!data && !path) return null;
  const pem = data ? Buffer.from(data, "base64").toString() : await readBeside(host, source, path ?? "");
  if (pem.includes("-----BEGIN ")) return pem;
  throw invalid(source, `has no PEM in ${data ? key : path}`, []);
}

async function readBeside(host: Host, source: KubeconfigSource, path: string): Promise<string> {
  const content = await host.files.read(resolve(source.folder, path));
  if (content !== null) return content;
  throw invalid(source, `names ${path}, and there is no such file`, [
    "Put the files into it: kubectl config view --raw --minify --flatten.",
  ]);
}

function refusalHints(key: string): readonly string[] {
  if (key !== "exec") return ["Take it out of the kubeconfig that this job uses."];
  return [
    "For Amazon EKS give `cluster` and `region` instead: the token is then made here.",
    "Elsewhere make a token for a service account: kubectl create token <name> --duration 24h.",
  ];
}

function invalid({ name }: KubeconfigSource, what: string, hints: readonly string[]): UserError {
  return new UserError("kubeconfig.invalid", `The kubeconfig in ${name} ${what}.`, { hints });
}
