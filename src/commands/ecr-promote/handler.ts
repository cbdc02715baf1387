import { openCredentials } from "../../aws/credentials.ts";
import { createEcr, type Ecr, type EcrImage } from "../../aws/ecr.ts";
import { registryHost } from "../../aws/region.ts";
import { announceImage, pinImage } from "../../delivery/announce.ts";
import { type Changes, moveTag, tellChanges } from "../../delivery/changes.ts";
import { readPrevious } from "../../delivery/previous-tags.ts";
import { describeJob, writeRelease } from "../../delivery/release-record.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { PromoteInput } from "./definition.ts";

export async function ecrPromote(input: PromoteInput, host: Host): Promise<void> {
  const { repository, region, from, to } = input;
  const startedAt = host.clock.now();
  const ecr = createEcr(
    host,
    { region, account: input.accountId, name: repository },
    openCredentials(host, input),
  );
  const before = await findBoth(ecr, input);
  const image = before.get(from);
  if (image === undefined) {
    throw new UserError("image.not-found", `There is no image \`${from}\` in ${repository} (${region}).`, {
      hints: ["`from` must be a tag or digest that was pushed, and that no lifecycle policy has removed."],
    });
  }
  const previous = before.get(to) ?? null;
  const registry = input.registry ?? registryHost(input.accountId ?? image.account, region, host.env);
  const delivered = { name: `${registry}/${repository}`, digest: image.digest, tags: [to] };
  const isThere = previous?.digest === image.digest;
  const earlier = await readPrevious(host.files, input.release, { ...delivered, repository });
  const keep = (finishedAt: number | null) =>
    writeRelease(host.files, input.release, {
      schema: 1,
      action: "promote",
      dryRun: false,
      version: from,
      image: pinImage(delivered),
      digest: image.digest,
      registry,
      repository,
      region,
      tags: [to],
      previous: previous === null || isThere ? earlier : { [to]: previous.digest },
      ...describeJob(host.env),
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: finishedAt === null ? null : new Date(finishedAt).toISOString(),
    });
  await keep(null);
  await tellChanges(host, async (changes) => {
    if (isThere) {
      host.log.info(`\`${to}\` is ${image.digest} already.`);
    } else {
      await promote(host, ecr, changes, input, image, previous);
    }
    await keep(host.clock.now());
    await announceImage(host, delivered);
  });
}

async function findBoth(
  ecr: Ecr,
  { repository, region, from, to }: PromoteInput,
): Promise<ReadonlyMap<string, EcrImage>> {
  const found = await ecr.findImages([...new Set([from, to])]);
  if (found !== null) return found;
  throw new UserError("repository.not-found", `There is no repository ${repository} in ${region}.`, {
    hints: ["Check its name, `region` and `account-id`."],
  });
}

/** Moves the tag, and reads back where it is then. */
async function promote(
  host: Host,
  ecr: Ecr,
  changes: Changes,
  { repository, from, to }: PromoteInput,
  image: EcrImage,
  previous: EcrImage | null,
): Promise<void> {
  await moveTag(host, ecr, changes, { repository, from, image, to, now: previous });
  const now = (await ecr.findImages([to]))?.get(to)?.digest;
  if (now === image.digest) return;
  throw new UserError(
    "image.changed",
    `\`${to}\` of ${repository} is ${now ?? "gone"} after it was moved to ${image.digest}: something else has moved it meanwhile.`,
    { hints: ["Run one promotion at a time: give the job a `serial-group`."] },
  );
}
