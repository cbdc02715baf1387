import { parse, parseDocument } from "yaml";
import {
  type ApplyResult,
  applyFields,
  isTree,
  leavesOf,
  type Manager,
  showManagers,
  type Tree,
  takeLeaf,
  type Value,
} from "./applied-fields.ts";
import { eventsOf, imageOf, isRolledOut, podOf, type Rollout, statusOf } from "./workloads.ts";

/** Facts and sources: FIDELITY.md. */

const resources = {
  "/api/v1": [
    ["ConfigMap", "configmaps", true],
    ["Service", "services", true],
    ["Namespace", "namespaces", false],
    ["Pod", "pods", true],
  ],
  "/apis/apps/v1": [
    ["Deployment", "deployments", true],
    ["StatefulSet", "statefulsets", true],
    ["DaemonSet", "daemonsets", true],
  ],
  "/apis/batch/v1": [["CronJob", "cronjobs", true]],
} as const;

const rolledOut = ["Deployment", "StatefulSet", "DaemonSet"];
/** Kinds without a generation. */
const unnumbered = ["ConfigMap", "Service", "Namespace"];

interface Stored {
  readonly kind: string;
  object: Tree;
  managers: readonly Manager[];
  generation: number;
  version: number;
  rollout: Rollout;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly type: string;
  readonly body: string;
  readonly user: string;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

export interface KubernetesModel {
  /** All requests so far but discovery: `GET deployments/api 200`, `PATCH deployments/api dryRun 200`. */
  readonly calls: readonly string[];
  answer(call: Call): Reply;
  /** The object at that path without what the server notes, or null. */
  read(path: string): Tree | null;
  /** Somebody else writes an object, as `kubectl` once did. */
  write(path: string, kind: string, object: Tree, manager?: string): void;
  /** From now on the user may not do that: `patch deployments`. */
  forbid(deed: string): void;
}

/** The state of an API server of Kubernetes with its controllers; every request moves their time on. */
export function createKubernetesModel(): KubernetesModel {
  const objects = new Map<string, Stored>();
  const forbidden = new Set<string>();
  const calls: string[] = [];
  let version = 100;

  const show = (path: string, stored: Stored): Tree => ({
    ...stored.object,
    metadata: {
      ...(stored.object.metadata as Tree),
      resourceVersion: String(stored.version),
      ...(!unnumbered.includes(stored.kind) && { generation: stored.generation }),
      managedFields: showManagers(stored.managers, String(stored.object.apiVersion)),
      uid: uidOf(path),
    },
    ...(rolledOut.includes(stored.kind) && {
      status: statusOf(stored.kind, stored.object, stored.generation, stored.rollout),
    }),
  });

  const store = (
    path: string,
    kind: string,
    object: Tree,
    managers: readonly Manager[],
    isDry: boolean,
  ): Tree => {
    const before = objects.get(path);
    const full = complete(kind, object);
    const isSame = before !== undefined && JSON.stringify(before.object) === JSON.stringify(full);
    if (isSame && before !== undefined) {
      if (!isDry) before.managers = managers;
      return show(path, { ...before, managers });
    }
    const isNewSpec = JSON.stringify(before?.object.spec) !== JSON.stringify(full.spec);
    const wasWell = before !== undefined && isRolledOut(before.object, before.rollout);
    const stored: Stored = {
      kind,
      object: full,
      managers,
      generation: (before?.generation ?? 0) + (isNewSpec ? 1 : 0),
      version: isDry ? (before?.version ?? 0) : ++version,
      rollout: { looks: 0, well: wasWell ? imageOf(before.object) : (before?.rollout.well ?? "") },
    };
    if (!isDry) objects.set(path, stored);
    return show(path, stored);
  };

  const patch = (call: Call, kind: string, name: string, namespace: string): Reply => {
    const { path, query, body, type } = call;
    const before = objects.get(path);
    const isDry = query.get("dryRun") === "All";
    const manager = query.get("fieldManager");
    if (type === "application/json-patch+json") {
      if (before === undefined) return refuse(404, "NotFound", `${kind} "${name}" not found`);
      const object = structuredClone(before.object);
      const changed = runJsonPatch(object, JSON.parse(body));
      if (changed === null)
        return refuse(422, "Invalid", "the server rejected our request due to an error in our request");
      const leaf = leavesOf(object).find((each) => each.endsWith(changed)) ?? "";
      return good(store(path, kind, object, takeLeaf(before.managers, manager ?? "unknown", leaf), isDry));
    }
    if (type !== "application/apply-patch+yaml")
      return refuse(415, "UnsupportedMediaType", "415: Unsupported Media Type");
    if (manager === null) {
      const message = "Required value: is required for apply patch";
      const options = 'PatchOptions.meta.k8s.io "" is invalid: fieldManager';
      return refuse(422, "Invalid", `${options}: ${message}`, [{ field: "fieldManager", message }]);
    }
    if (namespace !== "" && !objects.has(`/api/v1/namespaces/${namespace}`)) {
      return refuse(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    const [twice] = query.get("fieldValidation") === "Strict" ? parseDocument(body).errors : [];
    if (twice !== undefined) {
      const line = `line ${twice.linePos?.[0].line}: a key is already set in map`;
      return refuse(400, "BadRequest", `error strict decoding YAML: error converting YAML to JSON: ${line}`);
    }
    const wanted: Value = parse(body, { uniqueKeys: false });
    if (!isTree(wanted) || (wanted.metadata as Tree).name !== name)
      return refuse(400, "BadRequest", `the name of the object does not match the name on the URL (${name})`);
    const problem = validate(kind, name, wanted);
    if (problem !== null) return problem;
    const time = new Date(Date.UTC(2026) + 1000 * version).toISOString().replace(".000Z", "Z");
    const by = { manager, force: query.get("force") === "true", time };
    const empty: Tree = {
      apiVersion: wanted.apiVersion ?? "",
      kind,
      metadata: { name, ...(namespace !== "" && { namespace }) },
    };
    const result = applyFields(before?.object ?? empty, before?.managers ?? [], by, wanted);
    if (result.conflicts.length > 0) {
      return refuse(409, "Conflict", describeConflicts(result.conflicts));
    }
    return good(store(path, kind, result.object, result.managers, isDry), before === undefined ? 201 : 200);
  };

  const decide = (call: Call): Reply => {
    const { method, path, query, user } = call;
    const listed = Object.entries(resources).find(([base]) => base === path);
    if (listed !== undefined) {
      const shown = listed[1].map(([kind, name, namespaced]) => ({ kind, name, namespaced }));
      return good({ resources: shown });
    }
    const place = findPlace(path);
    if (place === null) return refuse(404, "NotFound", "the server could not find the requested resource");
    const { kind, plural, group, namespace, name, isLog } = place;
    const asked = { GET: name === "" ? "list" : "get", PATCH: "patch", DELETE: "delete" }[method] ?? method;
    const verbs = asked === "patch" && !objects.has(path) ? [asked, "create"] : [asked];
    const verb = verbs.find((each) => forbidden.has(`${each} ${plural}`));
    if (verb !== undefined) {
      const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
      const message = `${plural} "${name}" is forbidden: User "${user}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`;
      return refuse(403, "Forbidden", message);
    }
    const workloads = [...objects].filter(([, { kind: each }]) => rolledOut.includes(each));
    if (plural === "events") {
      const uid = /involvedObject\.uid=([^,]*)/.exec(query.get("fieldSelector") ?? "")?.[1] ?? "";
      return good({
        items: workloads.flatMap(([at, { object }]) =>
          uid.endsWith(uidOf(at)) ? eventsOf(uid, object) : [],
        ),
      });
    }
    if (isLog)
      return {
        status: 200,
        text: `listening\nDATABASE_URL is postgres://app:hunter2-in-the-log@db\nno such table: ${query.get("container")}\n`,
      };
    if (plural === "pods" && name === "") {
      return good({ items: workloads.map(([at, each]) => podOf(each.kind, show(at, each), each.rollout)) });
    }
    if (plural === "pods" && method === "DELETE") return good({ status: "Success" });
    const stored = objects.get(path);
    if (method === "PATCH") return patch(call, kind, name, namespace);
    if (stored === undefined) return refuse(404, "NotFound", `${plural} "${name}" not found`);
    if (method === "DELETE") {
      const { uid } = JSON.parse(call.body).preconditions;
      if (uid !== uidOf(path))
        return refuse(
          409,
          "Conflict",
          `Operation cannot be fulfilled on ${kind} "${name}": the UID in the precondition (${uid}) does not match the UID in record (${uidOf(path)}). The object might have been deleted and then recreated`,
        );
      objects.delete(path);
      return good({ status: "Success" });
    }
    const shown = show(path, stored);
    stored.rollout = { ...stored.rollout, looks: stored.rollout.looks + 1 };
    return good(shown);
  };

  return {
    calls,
    answer(call) {
      const reply = decide(call);
      const place = findPlace(call.path);
      const dry = call.query.has("dryRun") ? " dryRun" : "";
      if (place !== null)
        calls.push(
          `${call.method} ${[place.plural, place.name].filter(Boolean).join("/")}${place.isLog ? "/log" : ""}${dry} ${reply.status}`,
        );
      return reply;
    },
    read(path) {
      return structuredClone(objects.get(path)?.object ?? null);
    },
    write(path, kind, object, manager = "kubectl") {
      const leaves = new Set(
        leavesOf(object).filter(
          (leaf) => !/^\["f:(apiVersion|kind)"|"f:metadata","f:name(space)?"/.test(leaf),
        ),
      );
      store(path, kind, object, [{ manager, operation: "Update", leaves }], false);
      const stored = objects.get(path);
      if (stored !== undefined) stored.rollout = { looks: 9, well: imageOf(object) };
    },
    forbid: (deed) => void forbidden.add(deed),
  };
}

/** What the server fills in by itself. */
function complete(kind: string, object: Tree): Tree {
  if (kind !== "Deployment" && kind !== "StatefulSet") return object;
  const spec = object.spec as Tree;
  return { ...object, spec: { ...spec, replicas: spec.replicas ?? 1 } };
}

function validate(kind: string, name: string, { spec }: Tree): Reply | null {
  const containers = (((spec as Tree | undefined)?.template as Tree | undefined)?.spec as Tree | undefined)
    ?.containers;
  if (spec !== undefined && isTree(spec) && "replicaz" in spec) {
    return refuse(
      500,
      "",
      `failed to create typed patch object (web/${name}; apps/v1, Kind=${kind}): .spec.replicaz: field not declared in schema`,
    );
  }
  for (const each of (containers ?? []) as Tree[]) {
    for (const [index, { name: variable }] of (
      (each.env ?? []) as { name: string; value: string }[]
    ).entries()) {
      if (/^[\w.-]+$/.test(variable)) continue;
      const field = `spec.template.spec.containers[0].env[${index}].name`;
      const message = `Invalid value: "${variable}": a valid environment variable name must consist only of printable ASCII characters other than '='`;
      return refuse(422, "Invalid", `${kind}.apps "${name}" is invalid: ${field}: ${message}`, [
        { field, message },
      ]);
    }
  }
  return null;
}

/** One stands in a sentence, several in a list below who manages them. */
function describeConflicts(conflicts: ApplyResult["conflicts"]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${first.manager}: ${first.field}`;
  }
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort();
  const lists = managers.map((name) => {
    const fields = conflicts.filter(({ manager }) => manager === name).map(({ field }) => `\n- ${field}`);
    return `conflicts with ${name}:${fields.join("")}`;
  });
  return `Apply failed with ${conflicts.length} conflicts: ${lists.join("\n")}`;
}

/** The operations `test` and `replace`; answers the last key that was replaced, or null where a test fails. */
function runJsonPatch(
  object: Tree,
  operations: readonly { op: string; path: string; value: Value }[],
): string | null {
  let changed = "";
  for (const { op, path, value } of operations) {
    const keys = path.split("/").slice(1);
    const key = keys.pop() ?? "";
    const parent = keys.reduce<Value | undefined>(
      (inner, each) => (Array.isArray(inner) ? inner[Number(each)] : isTree(inner) ? inner[each] : undefined),
      object,
    );
    if (!isTree(parent)) return null;
    if (op === "test" && parent[key] !== value) return null;
    if (op === "replace") {
      parent[key] = value;
      changed = JSON.stringify([`k:${JSON.stringify({ name: parent.name ?? "" })}`, `f:${key}`]).slice(1);
    }
  }
  return changed;
}

function findPlace(path: string) {
  for (const [base, list] of Object.entries(resources)) {
    const [, namespace = "", plural = "", name = "", sub = ""] =
      new RegExp(`^${base}(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?(/log)?$`).exec(path) ?? [];
    const known = [...list, ["Event", "events", true] as const].find(([, each]) => each === plural);
    if (known !== undefined) {
      const group = base.startsWith("/apis/") ? (base.split("/")[2] ?? "") : "";
      return { kind: known[0], plural, group, namespace, name, isLog: sub !== "" };
    }
  }
  return null;
}

function uidOf(path: string): string {
  return `uid-${path.replaceAll("/", "-")}`;
}

function good(value: Value | object, status = 200): Reply {
  return { status, text: JSON.stringify(value) };
}

function refuse(code: number, reason: string, message: string, causes: readonly object[] = []): Reply {
  return {
    status: code,
    text: JSON.stringify({
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      code,
      reason,
      message,
      details: { causes },
    }),
  };
}
