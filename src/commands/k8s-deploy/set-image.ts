import { UserError } from "../../errors.ts";
import type { Api } from "../../kubernetes/api.ts";
import { isList, isMapping, type Json, listAt, textAt } from "../../kubernetes/json.ts";
import { changeOrFind, LostAnswer } from "../../kubernetes/lost-answer.ts";
import { readRefusal } from "../../kubernetes/refusal.ts";
import {
  createResourceFinder,
  parseObject,
  readObject,
  showTarget,
  type Target,
  targetOf,
} from "../../kubernetes/resources.ts";
import { type Change, mustRollOut } from "./change.ts";
import type { WorkloadName } from "./parse.ts";

/** Another manager than that of manifests: what is applied under one name takes back what it no longer says. */
const manager = "circleback-image";

interface Wish {
  readonly workload: WorkloadName;
  /** Empty: the only one. */
  readonly container: string;
  readonly image: string;
  readonly namespace: string;
}

/** What it takes to give a workload its image: one field changes, and only while it is what was seen. */
export async function planImage(api: Api, { workload, container, image, namespace }: Wish): Promise<Change> {
  if (image === "") {
    throw new UserError("parameter.invalid", "There is no image to deploy.", {
      hints: [
        "Give `image`, or let a job before this one push it with ecr-push, which leaves a release record in the workspace.",
      ],
    });
  }
  const { target, object } = await findWorkload(api, workload, namespace);
  const found = findContainer(object, target, workload, container);
  const before = found.image;
  if (before !== image) mustRollOut(target, await mustSwap(api, found, before, image, "&dryRun=All"));
  return {
    target,
    earlier: object,
    isUnchecked: false,
    before,
    words: before === image ? null : `container ${found.name}: ${before} becomes ${image}`,
    apply: (hasty, calm) =>
      changeOrFind(
        () => mustSwap(hasty, found, before, image, ""),
        () => findWith(calm, found, image),
      ),
    async undo(calm) {
      const undone = await changeOrFind(
        async () => (await swap(calm, found, image, before, "")).after,
        () => findWith(calm, found, before),
      );
      return undone === null
        ? { result: "broken", words: "has been changed by somebody else since, and is left as it is" }
        : { result: "rolled-back", words: `is put back to ${before}` };
    },
  };
}

async function findWorkload(
  api: Api,
  { kind, apiVersion, name }: WorkloadName,
  namespace: string,
): Promise<{ readonly target: Target; readonly object: Json }> {
  const resource = await createResourceFinder(api)(apiVersion, kind);
  if (resource === null) {
    throw new UserError("cluster.failed", `${api.access.title} knows no ${kind} of ${apiVersion}.`);
  }
  const target = targetOf(resource, kind, name, namespace);
  const object = await readObject(api, target);
  if (object !== null) return { target, object };
  throw new UserError(
    "workload.not-found",
    `There is no ${showTarget(target)} in namespace ${namespace} of ${api.access.title}.`,
    { hints: ["Check `workload` and `namespace`; `manifest` is for what is not there yet."] },
  );
}

interface Container {
  readonly target: Target;
  readonly name: string;
  readonly image: string;
  /** `/spec/template/spec/containers/0`. */
  readonly path: string;
}

function findContainer(object: Json, target: Target, { kind }: WorkloadName, wanted: string): Container {
  const base = kind === "CronJob" ? ["spec", "jobTemplate", "spec"] : ["spec"];
  const lists = ["containers", "initContainers"].map((list) => [...base, "template", "spec", list]);
  const known = lists.flatMap((path) =>
    listAt(object, ...path).map((each, index) => ({
      target,
      name: textAt(each, "name"),
      image: textAt(each, "image"),
      path: `/${path.join("/")}/${index}`,
      isMain: path.at(-1) === "containers",
    })),
  );
  const fitting = known.filter(({ name, isMain }) => (wanted === "" ? isMain : name === wanted));
  const [first] = fitting;
  if (first !== undefined && fitting.length === 1) return first;
  const names = known.map(({ name }) => name).join(", ");
  throw new UserError(
    "parameter.invalid",
    wanted === ""
      ? `${showTarget(target)} has several containers, and \`container\` does not say which of them gets the image.`
      : `${showTarget(target)} has no container ${wanted}.`,
    { hints: [`It has ${names}.`] },
  );
}

async function mustSwap(api: Api, found: Container, from: string, to: string, query: string): Promise<Json> {
  const { after, wasLost } = await swap(api, found, from, to, query);
  if (after !== null) return after;
  throw new (wasLost ? LostAnswer : UserError)(
    "field.conflict",
    `Somebody else has changed ${showTarget(found.target)} meanwhile; it is left alone.`,
    { hints: ["Run one deploy at a time: give the job a `serial-group`."] },
  );
}

/** `after` is null where the image is another than `from` by now. */
async function swap(
  api: Api,
  { target, name, path }: Container,
  from: string,
  to: string,
  query: string,
): Promise<{ readonly after: Json; readonly wasLost: boolean }> {
  const operations = [
    { op: "test", path: `${path}/name`, value: name },
    { op: "test", path: `${path}/image`, value: from },
    { op: "replace", path: `${path}/image`, value: to },
  ];
  const answer = await api.send({
    method: "PATCH",
    path: `${target.path}?fieldManager=${manager}${query}`,
    type: "application/json-patch+json",
    body: JSON.stringify(operations),
    accept: [422],
  });
  const { wasLost } = answer;
  if (answer.status !== 422) return { after: parseObject(answer.text, target.path), wasLost };
  // Either somebody was faster, or this very patch the first time it was sent, whose answer was lost.
  const object = await readObject(api, target);
  const now = object === null ? "" : imageOf(object, { path });
  if (now === to) return { after: object, wasLost };
  if (now !== from) return { after: null, wasLost };
  throw new UserError(
    "manifest.invalid",
    `${showTarget(target)} cannot get the image ${to}: ${readRefusal(answer).message}.`,
  );
}

/** The workload, where it has that image; null where it has another, or is gone. */
async function findWith(api: Api, found: Container, image: string): Promise<Json> {
  const object = await readObject(api, found.target);
  return object !== null && imageOf(object, found) === image ? object : null;
}

function imageOf(object: Json, { path }: Pick<Container, "path">): string {
  return textAt(follow(object, path), "image");
}

function follow(object: Json, path: string): Json | undefined {
  return path
    .split("/")
    .slice(1)
    .reduce<Json | undefined>((inner, key) => {
      if (isList(inner)) return inner[Number(key)];
      return isMapping(inner) ? inner[key] : undefined;
    }, object);
}
