import { stringify } from "yaml";
import { planManifests } from "../../../src/commands/k8s-deploy/apply-manifest.ts";
import type { Change } from "../../../src/commands/k8s-deploy/change.ts";
import { rollOut } from "../../../src/commands/k8s-deploy/roll-out.ts";
import { planImage } from "../../../src/commands/k8s-deploy/set-image.ts";
import { type Api, openApi } from "../../../src/kubernetes/api.ts";
import { readManifests } from "../../../src/kubernetes/read-manifests.ts";
import { showTarget } from "../../../src/kubernetes/resources.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createKubernetesModel } from "../../support/kubernetes-model/kubernetes-model.ts";

/** What becomes of the answers to calls that begin so, of which each has taken effect: `PATCH deployments/api`. */
export interface Trouble {
  readonly call: string;
  /** How many of them go well before, and how many do not then. */
  readonly after?: number;
  readonly times?: number;
  /** Null: no answer at all; absent: the right one, if the caller still waits for it. */
  readonly status?: number | null;
  /** No answer ever comes. */
  readonly hangs?: boolean;
  /** What happens right after it. */
  readonly meanwhile?: () => void;
}

/** The model of Kubernetes in memory, with the namespace `web`, on the clock of a host without a machine. */
export function openWorld() {
  const model = createKubernetesModel();
  const metadata = { name: "web" };
  model.write("/api/v1/namespaces/web", "Namespace", { apiVersion: "v1", kind: "Namespace", metadata });
  const troubles: (Trouble & { met: number })[] = [];
  const host = createFakeHost({ answersAtOnce: true });
  let isGone = false;
  const api = openApi(
    host,
    {
      server: "https://cluster",
      title: "the cluster prod",
      namespace: null,
      trust: { authority: null, serverName: null, certificate: null, key: null },
      bearer: async () => null,
      unauthorizedHint: "",
    },
    async (url, { method = "GET", headers, body, signal } = {}) => {
      const { pathname: path, searchParams: query } = new URL(String(url));
      if (isGone) throw new TypeError("socket hang up");
      const type = new Headers(headers).get("Content-Type") ?? "";
      const before = model.calls.length;
      const reply = model.answer({ method, path, query, type, body: String(body ?? ""), user: "ci" });
      const call = model.calls[before] ?? "";
      for (const trouble of troubles) {
        const { after = 0, times = 1, status, hangs, meanwhile } = trouble;
        if (!call.startsWith(trouble.call) || call.includes("dryRun")) continue;
        trouble.met++;
        if (trouble.met <= after || trouble.met > after + times) continue;
        meanwhile?.();
        if (hangs && !signal?.aborted)
          await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        signal?.throwIfAborted();
        if (status === undefined) continue;
        if (status === null) throw new TypeError("socket hang up");
        return new Response("<html>Later</html>", { status });
      }
      return new Response(reply.text, { status: reply.status });
    },
  );
  return {
    model,
    cancel: host.cancel,
    seconds: () => host.clock.now() / 1000,
    meet(trouble: Trouble) {
      troubles.push({ ...trouble, met: 0 });
    },
    /** From now on nobody answers, and nothing takes effect. */
    vanish() {
      isGone = true;
    },
    /** Plans and does it. Of each object the result, and what the error says. */
    async deploy(plan: (api: Api) => Promise<readonly Change[]>, { timeout = 20_000, rollback = true } = {}) {
      const { outcomes, error } = await rollOut(host, api, await plan(api), { rollback, timeout });
      return {
        code: error?.code ?? null,
        message: error?.message ?? "",
        results: outcomes.map(({ change, result, phase }) =>
          [showTarget(change.target), result, phase].join(" ").trim(),
        ),
      };
    },
  };
}

/** The plan to give the deployment `api` an image. */
export const image = (to: string) => async (api: Api) => {
  const name = { kind: "Deployment", apiVersion: "apps/v1", name: "api" } as const;
  return [await planImage(api, { workload: name, container: "", image: to, namespace: "web" })];
};

/** The plan to apply these. */
export const manifests =
  (...objects: readonly object[]) =>
  (api: Api) =>
    planManifests(api, readManifests("k8s.yml", objects.map((each) => stringify(each)).join("---\n")), {
      namespace: "web",
      forceConflicts: false,
    });
