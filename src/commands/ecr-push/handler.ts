import { openCredentials } from "../../aws/credentials.ts";
import { createEcr, type Ecr, type EcrImage } from "../../aws/ecr.ts";
import { announceImage, pinImage } from "../../delivery/announce.ts";
import { readCommitTime } from "../../delivery/commit-time.ts";
import { describeJob, writeRelease } from "../../delivery/release-record.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { Secret } from "../../secret.ts";
import { type Built, buildAndPush } from "./build-and-push.ts";
import type { PushInput } from "./definition.ts";
import { isSameImage, readConfigDigest } from "./docker.ts";
import { showDryRun } from "./dry-run.ts";
import { type PushPlan, planPush, showTags } from "./plan.ts";

export async function ecrPush(input: PushInput, host: Host): Promise<void> {
  const startedAt = host.clock.now();
  const plan = planPush(input, host.env);
  showPlan(host, plan);
  if (!input.skipBuild) await requireDockerfile(host, plan.build.dockerfile);
  if (input.dryRun) {
    showDryRun(host, input, plan, await readCommitTime(host));
    return keepRecord(host, input, plan, startedAt, null, new Map());
  }

  const ecr = createEcr(host, plan.repository, openCredentials(host, input));
  const authorization = await ecr.authorize();
  const name = `${plan.registry ?? authorization.host}/${plan.repository.name}`;
  const before = await findOrCreate(host, ecr, plan, input.createRepository);
  const [{ tag: version }] = plan.tags;
  const there = before.get(version);
  let built: Built | null = null;
  if (there !== undefined && input.skipBuild) {
    host.log.info(`\`${version}\` is there already (${there.digest}): nothing is built.`);
  } else {
    await requireDockerfile(host, plan.build.dockerfile);
    built = await buildAndPush(host, ecr, plan, name, authorization, there ?? null);
  }

  const now = built === null ? before : await ecr.findImages(plan.tags.map(({ tag }) => tag));
  const image = await bringTags(host, ecr, plan, built, now);
  const delivered = { name, digest: image.digest, tags: plan.tags.map(({ tag }) => tag) };
  await keepRecord(host, input, plan, startedAt, delivered, before);
  await announceImage(host, delivered);
}

function showPlan(host: Host, plan: PushPlan): void {
  for (const { variable } of plan.build.secrets) host.log.hide(new Secret(host.env[variable] ?? ""));
  const registry = plan.registry ?? "the account's registry";
  host.log.info(`Tags of ${plan.repository.name} in ${registry} (${plan.repository.region}):`);
  for (const line of showTags(plan.tags)) host.log.info(line);
  for (const { name, value, suspicion } of plan.suspects) {
    host.log.hide(new Secret(value));
    host.log.warn(
      `The build argument ${name} looks like a credential (${suspicion}). Build arguments stay readable in the image: give it in \`secrets\`.`,
    );
  }
}

async function requireDockerfile(host: Host, path: string): Promise<void> {
  if ((await host.files.read(path)) !== null) return;
  throw new UserError("parameter.invalid", `There is no Dockerfile ${path}.`, {
    hints: [
      "`path` is the build context as seen from the job's working directory, and `dockerfile` is seen from there.",
      "The step `checkout`, or one that attaches a workspace, must come before this one.",
    ],
  });
}

/** What is behind the tags before anything changes. */
async function findOrCreate(
  host: Host,
  ecr: Ecr,
  { repository, tags, movingTags }: PushPlan,
  mayCreate: boolean,
): Promise<ReadonlyMap<string, EcrImage>> {
  const found = await ecr.findImages(tags.map(({ tag }) => tag));
  if (found !== null) return found;
  if (!mayCreate) {
    const account = repository.account ? ` of ${repository.account}` : "";
    throw new UserError(
      "repository.not-found",
      `There is no repository ${repository.name} in ${repository.region}${account}.`,
      { hints: ["Check its name and `region`, or set `create-repository: true`."] },
    );
  }
  if (await ecr.createRepository(movingTags)) host.log.info(`Created the repository ${repository.name}.`);
  return new Map();
}

/**
 * Makes sure that the version is at what was built, and only then brings every other tag to it, those of branches last.
 */
async function bringTags(
  host: Host,
  ecr: Ecr,
  { repository, tags }: PushPlan,
  built: Built | null,
  now: ReadonlyMap<string, EcrImage> | null,
): Promise<EcrImage> {
  const [{ tag: version }, ...others] = tags;
  const image = now?.get(version);
  if (image === undefined || (built !== null && !isBuilt(built, image))) {
    const wanted = [built?.digest, built?.id].find((each) => each && each !== image?.digest) ?? "what it was";
    throw new UserError(
      "image.changed",
      `\`${version}\` of ${repository.name} is ${image?.digest ?? "gone"}, and not ${wanted}: something else has changed it meanwhile.`,
      { hints: ["Give each build a version of its own, so that no two jobs push the same tag."] },
    );
  }
  host.log.info(`\`${version}\` is ${image.digest}.`);
  for (const { tag } of others) {
    if (now?.get(tag)?.digest === image.digest) continue;
    await ecr.tagImage(image, tag);
    host.log.info(`Tagged ${image.digest} as \`${tag}\`.`);
  }
  return image;
}

/** A digest alone does not tell: what was pushed may be what another job, on the same engine, had built by then. */
function isBuilt({ digest, id }: Built, image: EcrImage): boolean {
  if (digest !== null && digest !== image.digest) return false;
  return id === null || isSameImage(id, image) || readConfigDigest(image.manifest) === null;
}

async function keepRecord(
  host: Host,
  input: PushInput,
  { repository, registry, tags }: PushPlan,
  startedAt: number,
  delivered: { readonly name: string; readonly digest: string } | null,
  before: ReadonlyMap<string, EcrImage>,
): Promise<void> {
  const names = tags.map(({ tag }) => tag);
  const previous = names.flatMap((tag) => {
    const digest = before.get(tag)?.digest;
    return digest === undefined || digest === delivered?.digest ? [] : [[tag, digest] as const];
  });
  await writeRelease(host.files, input.release, {
    schema: 1,
    action: "push",
    dryRun: delivered === null,
    version: tags[0].tag,
    image: delivered && pinImage(delivered),
    digest: delivered?.digest ?? null,
    registry: delivered ? (delivered.name.split("/")[0] ?? null) : registry,
    repository: repository.name,
    region: repository.region,
    tags: names,
    previous: Object.fromEntries(previous),
    ...describeJob(host.env),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(host.clock.now()).toISOString(),
  });
}
