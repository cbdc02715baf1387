import { UserError } from "../../errors.ts";
import type { Api, ApiRequest } from "../../kubernetes/api.ts";
import { extractFields, type FieldSet, intersectFields, uniteFields } from "../../kubernetes/field-set.ts";
import { at, isMapping, type Json, listAt, textAt } from "../../kubernetes/json.ts";
import { changeOrFind, LostAnswer } from "../../kubernetes/lost-answer.ts";
import type { Manifest } from "../../kubernetes/read-manifests.ts";
import { readRefusal } from "../../kubernetes/refusal.ts";
import {
  createResourceFinder,
  parseObject,
  readObject,
  type Target,
  targetOf,
} from "../../kubernetes/resources.ts";
import { type Change, mustRollOut, type Undone } from "./change.ts";

const manager = "circleback";

const unchecked = "; it cannot be checked before its namespace is there";

interface Options {
  readonly namespace: string;
  readonly forceConflicts: boolean;
}

/**
 * What each manifest would change, as the cluster itself says: it checks them before the first is applied, but for what
 * is in a namespace that one before it makes.
 */
export async function planManifests(
  api: Api,
  manifests: readonly Manifest[],
  options: Options,
): Promise<readonly Change[]> {
  const find = createResourceFinder(api);
  const born: string[] = [];
  const changes: Change[] = [];
  for (const manifest of manifests) {
    const { kind, apiVersion, name, namespace, place } = manifest;
    const resource = await find(apiVersion, kind);
    if (resource === null) {
      throw new UserError(
        "manifest.invalid",
        `${api.access.title} knows no ${kind} of ${apiVersion} (${place}).`,
        {
          hints: ["A custom resource's definition must be there before: apply it in a step of its own."],
        },
      );
    }
    const target = targetOf(resource, kind, name, namespace ?? options.namespace);
    changes.push(await planManifest(api, manifest, target, options, born));
    if (kind === "Namespace") born.push(name);
  }
  return changes;
}

async function planManifest(
  api: Api,
  manifest: Manifest,
  target: Target,
  { forceConflicts }: Options,
  born: readonly string[],
): Promise<Change> {
  const before = await readObject(api, target);
  const request = (query: string): ApiRequest => ({
    method: "PATCH",
    path: `${target.path}?fieldManager=${manager}&fieldValidation=Strict${forceConflicts ? "&force=true" : ""}${query}`,
    type: "application/apply-patch+yaml",
    body: manifest.text,
  });
  const checked = await api.send({ ...request("&dryRun=All"), accept: [404] });
  const isUnchecked = checked.status === 404;
  if (isUnchecked && !born.includes(target.namespace ?? "")) {
    throw new UserError("manifest.invalid", `${manifest.place}: ${readRefusal(checked).message}.`, {
      hints: ["Make the namespace first, or in a manifest before this one."],
    });
  }
  const promised = isUnchecked ? null : parseObject(checked.text, target.path);
  const isSame = before !== null && isEqual(before, promised);
  if (!isSame) mustRollOut(target, promised);
  return {
    target,
    earlier: before,
    isUnchecked,
    before: null,
    words: isSame ? null : before === null ? `is created${isUnchecked ? unchecked : ""}` : "is changed",
    apply: (hasty, calm) =>
      changeOrFind(
        async () => parseObject((await hasty.send(request(""))).text, target.path),
        () => findApplied(calm, target, before),
      ),
    undo: (calm, after) =>
      before === null ? remove(calm, target, after) : restore(calm, target, before, after, forceConflicts),
  };
}

/** The object, where `circleback` has applied something since it was `before`; else null. */
async function findApplied(api: Api, target: Target, before: Json): Promise<Json> {
  const now = await readObject(api, target);
  return stableText(entriesOf(now, isOurs)) === stableText(entriesOf(before, isOurs)) ? null : now;
}

/** Apart from what every write notes of itself. */
function isEqual(before: Json, after: Json): boolean {
  const essence = (object: Json) => {
    if (!isMapping(object) || !isMapping(object.metadata)) return object;
    const {
      managedFields: _fields,
      resourceVersion: _version,
      generation: _generation,
      ...metadata
    } = object.metadata;
    const { status: _status, ...rest } = object;
    return { ...rest, metadata };
  };
  return stableText(essence(before)) === stableText(essence(after));
}

/** Whether somebody has changed what we have applied; the rest, such as the replicas, is the controllers' and others'. */
function isTouched(now: Json, after: Json): boolean {
  const mine = fieldsOf(after, isOurs);
  const [today = null, then = null] = [now, after].map((object) => extractFields(object, mine));
  return stableText(today) !== stableText(then);
}

function stableText(value: Json): string {
  return JSON.stringify(value, (_, inner: Json) =>
    isMapping(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

/** What others may have put something into that would be lost with it. */
const keptKinds = ["Namespace", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition"];

async function remove(api: Api, target: Target, after: Json): Promise<Undone> {
  if (keptKinds.includes(target.kind)) {
    return { result: "broken", words: "is new, and stays: others may have put something into it" };
  }
  const uid = textAt(after, "metadata", "uid");
  const options = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    propagationPolicy: "Background",
    preconditions: { uid },
  };
  const request: ApiRequest = {
    method: "DELETE",
    path: target.path,
    type: "application/json",
    body: JSON.stringify(options),
    accept: [404, 409],
  };
  const status = await changeOrFind(
    async () => (await api.send(request)).status,
    async () => (textAt(await readObject(api, target), "metadata", "uid") === uid ? null : 404),
  );
  return status === 409
    ? { result: "broken", words: "has been made anew by somebody else since, and is left as it is" }
    : { result: "rolled-back", words: "is deleted again: it was not there before" };
}

/**
 * Applies once more what `circleback` had applied before, as the object of then has it; with force, what it has taken
 * from others too. What had no manager then goes back to its default.
 */
async function restore(
  api: Api,
  target: Target,
  before: Json,
  after: Json,
  forceConflicts: boolean,
): Promise<Undone> {
  const now = await readObject(api, target).catch((error: unknown) => {
    // Nothing was asked for yet that could have been done.
    throw error instanceof LostAnswer ? new UserError(error.code, error.message) : error;
  });
  if (now === null) return { result: "broken", words: "has been deleted by somebody else since" };
  if (isTouched(now, after)) {
    return { result: "broken", words: "has been changed by somebody else since, and is left as it is" };
  }
  const mine = fieldsOf(before, isOurs);
  const taken = forceConflicts
    ? intersectFields(
        fieldsOf(after, isOurs),
        fieldsOf(before, (entry) => !isOurs(entry)),
      )
    : {};
  const extracted = extractFields(before, uniteFields(mine, taken));
  const fields = isMapping(extracted) && Object.keys(uniteFields(mine, taken)).length > 0 ? extracted : {};
  const { apiVersion, kind, metadata } = {
    apiVersion: at(before, "apiVersion") ?? "",
    kind: target.kind,
    metadata: at(fields, "metadata"),
  };
  const body = {
    ...fields,
    apiVersion,
    kind,
    metadata: { ...(isMapping(metadata) && metadata), name: target.name },
  };
  const request: ApiRequest = {
    method: "PATCH",
    path: `${target.path}?fieldManager=${manager}${forceConflicts ? "&force=true" : ""}`,
    type: "application/apply-patch+yaml",
    body: JSON.stringify(body),
  };
  await changeOrFind(
    async () => parseObject((await api.send(request)).text, target.path),
    () => findApplied(api, target, after),
  );
  return { result: "rolled-back", words: "is put back to what it was" };
}

function isOurs(entry: Json): boolean {
  return textAt(entry, "manager") === manager && textAt(entry, "operation") === "Apply";
}

/** Each tells by its time when the fields were changed last. */
function entriesOf(object: Json, isMeant: (entry: Json) => boolean): readonly Json[] {
  return listAt(object, "metadata", "managedFields").filter(
    (entry) => isMeant(entry) && textAt(entry, "subresource") === "",
  );
}

function fieldsOf(object: Json, isMeant: (entry: Json) => boolean): FieldSet {
  return entriesOf(object, isMeant)
    .map((entry) => (at(entry, "fieldsV1") ?? {}) as FieldSet)
    .reduce(uniteFields, {});
}
