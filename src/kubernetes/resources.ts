import type { Api } from "./api.ts";
import { at, listAt, parseJson, textAt } from "./json.ts";
import { LostAnswer } from "./lost-answer.ts";

/** A kind as the API server has it. */
export interface Resource {
  /** `/apis/apps/v1`. */
  readonly base: string;
  /** `deployments`. */
  readonly plural: string;
  readonly isNamespaced: boolean;
}

/** Finds kinds by asking the API server, once for every version of a group. */
export function createResourceFinder(
  api: Api,
): (apiVersion: string, kind: string) => Promise<Resource | null> {
  const known = new Map<string, Promise<readonly (Resource & { readonly kind: string })[]>>();
  const ask = async (apiVersion: string) => {
    const base = basePath(apiVersion);
    const { status, text } = await api.send({ method: "GET", path: base, accept: [404] });
    if (status === 404) return [];
    return listAt(parseJson(text), "resources").map((each) => ({
      base,
      plural: textAt(each, "name"),
      isNamespaced: at(each, "namespaced") === true,
      kind: textAt(each, "kind"),
    }));
  };
  return async (apiVersion, kind) => {
    const asked = known.get(apiVersion) ?? ask(apiVersion);
    known.set(apiVersion, asked);
    // `deployments/status` has the same kind.
    return (await asked).find((each) => each.kind === kind && !each.plural.includes("/")) ?? null;
  };
}

function basePath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** One object in the cluster. */
export interface Target {
  readonly kind: string;
  readonly name: string;
  /** Null for what belongs to no namespace. */
  readonly namespace: string | null;
  readonly path: string;
}

export function targetOf(resource: Resource, kind: string, name: string, namespace: string): Target {
  const place = resource.isNamespaced ? `/namespaces/${namespace}` : "";
  return {
    kind,
    name,
    namespace: resource.isNamespaced ? namespace : null,
    path: `${resource.base}${place}/${resource.plural}/${name}`,
  };
}

/** `deployment/api`. */
export function showTarget({ kind, name }: Target): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** Null where there is no such object. */
export async function readObject(api: Api, { path }: Target, options: { readonly isQuiet?: boolean } = {}) {
  const { status, text } = await api.send({ method: "GET", path, accept: [404], ...options });
  return status === 404 ? null : parseObject(text, path);
}

export function parseObject(text: string, path: string) {
  const object = parseJson(text);
  if (textAt(object, "metadata", "name") !== "") return object;
  throw new LostAnswer("cluster.failed", `${path} was answered in an unknown form.`);
}
