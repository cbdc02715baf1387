import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import { makeCertificates } from "./certificates.ts";
import { createKubernetesModel, type KubernetesModel } from "./kubernetes-model.ts";

export const token = "token-of-the-deployer-4711";

export interface KubernetesServer extends KubernetesModel {
  readonly url: string;
  readonly authority: string;
  readonly client: { readonly certificate: string; readonly key: string };
  /** A kubeconfig in the way kubectl writes it, with the token. */
  readonly kubeconfig: string;
  /** Every token that is taken, and whose it is. */
  readonly users: Map<string, string>;
  /** Whose any other token is; undefined: nobody's. */
  identify: (token: string) => Promise<string | undefined>;
  /** From the nth request of that kind on every connection is cut: `GET deployments/api`. */
  vanish(at: { readonly call: string; readonly after: number }): void;
  /** The next such request takes effect, and its answer is lost. */
  loseAnswer(call: string): void;
  /** Every such request takes effect, and is answered in these words, as by a proxy. */
  garble(call: string, reply: { readonly status: number; readonly text: string }): void;
  /** Throws where somebody has asked for something that the model does not know. */
  stop(): Promise<void>;
}

/** The model behind TLS, with tokens and client certificates. */
export async function startKubernetes(): Promise<KubernetesServer> {
  const { authority, server: identity, client } = makeCertificates();
  const model = createKubernetesModel();
  const users = new Map([[token, "ci"]]);
  const problems: string[] = [];
  let isGone = false;
  let vanishing: { call: string; after: number } | null = null;
  let losing = "";
  let garbled = { call: "", status: 0, text: "" };
  const server = createServer(
    {
      key: identity.key,
      cert: identity.certificate,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) => {
      const answer = async () => {
        const body = await text(request);
        const url = new URL(request.url ?? "", "https://model");
        const socket = request.socket as TLSSocket;
        const named = socket.authorized ? socket.getPeerCertificate().subject?.CN?.toString() : undefined;
        const bearer = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
        const user = named ?? users.get(bearer) ?? (await own.identify(bearer));
        if (isGone) return request.socket.destroy();
        if (user === undefined) {
          const status = { kind: "Status", code: 401, reason: "Unauthorized", message: "Unauthorized" };
          return response.writeHead(401).end(JSON.stringify(status));
        }
        const method = request.method ?? "";
        const type = request.headers["content-type"] ?? "";
        const before = model.calls.length;
        const reply = model.answer({ method, path: url.pathname, query: url.searchParams, type, body, user });
        const call = model.calls[before] ?? ""; // discovery is not among them
        if (losing !== "" && call.startsWith(losing) && !call.includes("dryRun")) {
          losing = "";
          return request.socket.destroy();
        }
        if (vanishing !== null && call.startsWith(vanishing.call) && --vanishing.after <= 0) isGone = true;
        const isGarbled = garbled.call !== "" && call.startsWith(garbled.call) && !call.includes("dryRun");
        const { status, text: words } = isGarbled ? garbled : reply;
        response.writeHead(status, { "Content-Type": "application/json" }).end(words);
      };
      answer().catch((error: Error) => {
        problems.push(error.stack ?? error.message);
        response.destroy();
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const own: KubernetesServer = {
    ...model,
    url,
    authority,
    client,
    users,
    identify: async () => undefined,
    kubeconfig: `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${Buffer.from(authority).toString("base64")}
    server: ${url}
  name: prod
contexts:
- context:
    cluster: prod
    namespace: web
    user: deployer
  name: prod
current-context: prod
kind: Config
preferences: {}
users:
- name: deployer
  user:
    token: ${token}
`,
    vanish: (at) => {
      vanishing = { ...at };
    },
    loseAnswer: (call) => {
      losing = call;
    },
    garble: (call, reply) => {
      garbled = { call, ...reply };
    },
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      if (problems.length > 0) throw new Error(`The model of Kubernetes complains:\n${problems.join("\n")}`);
    },
  };
  return own;
}
