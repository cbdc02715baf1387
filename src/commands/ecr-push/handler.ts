import { relative } from "node:path";
import { openCredentials } from "../../aws/credentials.ts";
import { createEcr, type Ecr, type EcrImage } from "../../aws/ecr.ts";
import { announceImage, pinImage } from "../../delivery/announce.ts";
import { type Changes, moveTag, tellChanges } from "../../delivery/changes.ts";
import { readPrevious } from "../../delivery/previous-tags.ts";
import { describeJob, type ReleaseRecord, writeRelease } from "../../delivery/release-record.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { Secret } from "../../secret.ts";
import { type Built, buildAndPush, type Order } from "./build-and-push.ts";
import type { PushInput } from "./definition.ts";
import { isSameImage, type PlannedBuild, readConfigDigest } from "./docker.ts";
import { showDryRun } from "./dry-run.ts";
import { isInside, outsideHints } from "./paths.ts";
import { type PushPlan, planPush, showTags } from "./plan.ts";

export async function ecrPush(input: PushInput, host: Host): Promise<void> {
  const plan = planPush(input, host.env);
  const record = beginRecord(host, plan);
  showPlan(host, plan);
  if (!input.skipBuild) await requireSources(host, plan.build);
  if (input.dryRun) {
    showDryRun(host, input, plan);
    return writeRelease(host.files, input.release, finish(host, record));
  }

  const ecr = createEcr(host, plan.repository, openCredentials(host, input));
  const authorization = await ecr.authorize();
  const name = `${plan.registry ?? authorization.host}/${plan.repository.name}`;
  const found = await find(ecr, plan, input.createRepository);
  await tellChanges(host, (changes) =>
    deliver(input, host, { order: { plan, ecr, authorization, name }, found, record }, changes),
  );
}

interface Delivery {
  readonly order: Order;
  /** What is behind the tags before anything changes; null where the repository is still to be created. */
  readonly found: ReadonlyMap<string, EcrImage> | null;
  /** As it is before anything is done. */
  readonly record: ReleaseRecord;
}

async function deliver(
  input: PushInput,
  host: Host,
  { order, found, record }: Delivery,
  changes: Changes,
): Promise<void> {
  const { plan, ecr, name } = order;
  const [{ tag: version }] = plan.tags;
  let before = found ?? new Map<string, EcrImage>();
  let built: Built | null = null;
  const there = before.get(version);
  if (there !== undefined && input.skipBuild) {
    host.log.info(`\`${version}\` is there already (${there.digest}): nothing is built.`);
  } else {
    await requireSources(host, plan.build);
    built = await buildAndPush(host, order, changes, async () => {
      if (found === null) before = await create(host, ecr, plan);
      return before.get(version) ?? null;
    });
    if (built.digest === before.get(version)?.digest) changes.delete(version);
  }

  const now = built === null ? before : await ecr.findImages(plan.tags.map(({ tag }) => tag));
  const image = findVersion(host, plan, built, now);
  if (changes.has(version)) changes.set(version, "is pushed");
  const delivered = { ...record, name, digest: image.digest };
  // Pushing the version has moved no other tag: where the others were is known best after it.
  const previous = record.tags.flatMap((tag) => {
    const digest = (tag === version ? before : now)?.get(tag)?.digest;
    return digest === undefined || digest === image.digest ? [] : [[tag, digest] as const];
  });
  const done = {
    ...record,
    dryRun: false,
    image: pinImage(delivered),
    digest: image.digest,
    registry: name.split("/")[0] ?? null,
    previous: {
      ...(await readPrevious(host.files, input.release, delivered)),
      ...Object.fromEntries(previous),
    },
  };
  await writeRelease(host.files, input.release, done);
  await bringTags(host, ecr, plan, image, now, changes);
  await writeRelease(host.files, input.release, finish(host, done));
  await announceImage(host, delivered);
}

function showPlan(host: Host, plan: PushPlan): void {
  for (const { variable } of plan.build.secrets) host.log.hide(new Secret(host.env[variable] ?? ""));
  const registry = plan.registry ?? "the account's registry";
  host.log.info(`Tags of ${plan.repository.name} in ${registry} (${plan.repository.region}):`);
  for (const line of showTags(plan.tags)) host.log.info(line);
  for (const { kind, name, value, suspicion } of plan.suspects) {
    host.log.hide(new Secret(value));
    host.log.warn(
      `The ${kind} ${name} looks like a credential (${suspicion}). It stays readable in the image: what a build needs belongs in \`secrets\`.`,
    );
  }
}

async function requireSources({ files }: Host, { context, dockerfile }: PlannedBuild): Promise<void> {
  const root = (await files.resolve(".")) ?? "";
  for (const [name, path] of Object.entries({ path: context, dockerfile })) {
    const real = await files.resolve(path);
    if (real === null || isInside(relative(root, real))) continue;
    throw new UserError(
      "parameter.invalid",
      `\`${name}\` leads out of the checkout: ${path} is a link to ${real}.`,
      { hints: outsideHints },
    );
  }
  if ((await files.read(dockerfile)) !== null) return;
  throw new UserError("parameter.invalid", `There is no Dockerfile ${dockerfile}.`, {
    hints: [
      "`path` is the build context as seen from the job's working directory, and `dockerfile` is seen from there.",
      "The step `checkout`, or one that attaches a workspace, must come before this one.",
    ],
  });
}

/** Null where there is no repository, but may be one. */
async function find(
  ecr: Ecr,
  { repository, tags }: PushPlan,
  mayCreate: boolean,
): Promise<ReadonlyMap<string, EcrImage> | null> {
  const found = await ecr.findImages(tags.map(({ tag }) => tag));
  if (found !== null || mayCreate) return found;
  const account = repository.account ? ` of ${repository.account}` : "";
  throw new UserError(
    "repository.not-found",
    `There is no repository ${repository.name} in ${repository.region}${account}.`,
    { hints: ["Check its name and `region`, or set `create-repository: true`."] },
  );
}

/** Creates the repository; where another job was faster, it answers what is there by now. */
async function create(
  host: Host,
  ecr: Ecr,
  { repository, tags, movingTags }: PushPlan,
): Promise<ReadonlyMap<string, EcrImage>> {
  if (await ecr.createRepository(movingTags)) {
    host.log.info(`Created the repository ${repository.name}.`);
    return new Map();
  }
  return (await ecr.findImages(tags.map(({ tag }) => tag))) ?? new Map();
}

/** What the version is at, which must be what was built. */
function findVersion(
  host: Host,
  { repository, tags: [{ tag: version }] }: PushPlan,
  built: Built | null,
  now: ReadonlyMap<string, EcrImage> | null,
): EcrImage {
  const image = now?.get(version);
  if (image !== undefined && built !== null && isUntold(built, image)) {
    throw new UserError(
      "docker.build-failed",
      `Docker does not tell which image it has pushed, so that \`${version}\` of ${repository.name} (${image.digest}) may be another one.`,
      { hints: ["Use a current version of Docker, or look why what it prints above lacks the digest."] },
    );
  }
  if (image === undefined || (built !== null && !isBuilt(built, image))) {
    const wanted = [built?.digest, built?.id].find((each) => each && each !== image?.digest) ?? "what it was";
    throw new UserError(
      "image.changed",
      `\`${version}\` of ${repository.name} is ${image?.digest ?? "absent"}, and not ${wanted}: something else has changed it meanwhile, or Docker has not pushed it.`,
      { hints: ["Give each build a version of its own, so that no two jobs push the same tag."] },
    );
  }
  host.log.info(`\`${version}\` is ${image.digest}.`);
  return image;
}

/** Brings every other tag to the version's image, those of branches last. */
async function bringTags(
  host: Host,
  ecr: Ecr,
  { repository: { name }, tags: [{ tag: version }, ...others] }: PushPlan,
  image: EcrImage,
  now: ReadonlyMap<string, EcrImage> | null,
  changes: Changes,
): Promise<void> {
  for (const { tag } of others) {
    const before = now?.get(tag) ?? null;
    if (before?.digest === image.digest) continue;
    await moveTag(host, ecr, changes, { repository: name, from: version, image, to: tag, now: before });
  }
}

/** Without a digest only a configuration tells, which an index has none of. */
function isUntold({ digest, id }: Built, image: EcrImage): boolean {
  if (digest !== null || isSameImage(id, image)) return false;
  return id === null || readConfigDigest(image.manifest) === null;
}

/** A digest alone does not tell: what was pushed may be what another job, on the same engine, had built by then. */
function isBuilt({ digest, id }: Built, image: EcrImage): boolean {
  if (digest !== null && digest !== image.digest) return false;
  return id === null || isSameImage(id, image) || readConfigDigest(image.manifest) === null;
}

/** What a run keeps that has done nothing yet. */
function beginRecord({ env, clock }: Host, { repository, registry, tags }: PushPlan): ReleaseRecord {
  return {
    schema: 1,
    action: "push",
    dryRun: true,
    version: tags[0].tag,
    image: null,
    digest: null,
    registry,
    repository: repository.name,
    region: repository.region,
    tags: tags.map(({ tag }) => tag),
    previous: {},
    ...describeJob(env),
    startedAt: new Date(clock.now()).toISOString(),
    finishedAt: null,
  };
}

function finish({ clock }: Host, record: ReleaseRecord): ReleaseRecord {
  return { ...record, finishedAt: new Date(clock.now()).toISOString() };
}
